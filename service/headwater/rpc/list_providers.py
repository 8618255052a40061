"""ListProviders: who can write tests here, with which models, and whether they answer."""

from __future__ import annotations

import asyncio

from headwater.providers import PROVIDERS
from headwater.providers.abilities import Ability, find_ability
from headwater.providers.list import Checked, Listed, check, list_vendors
from headwater.providers.names import check_provider
from headwater.rpc import Desk
from headwater.v1 import list_providers_pb2 as pb


async def list_providers(request: pb.ListProvidersRequest, owner: str, desk: Desk) -> pb.ListProvidersResponse:
    """Lists the providers, those that need no key first."""
    del owner
    wanted = request.provider.partition(":")[0]
    if wanted:
        check_provider(wanted)
    vendors = [each for each in list_vendors(desk.secrets, desk.models.prices) if wanted in ("", each.name)]
    asked = vendors if request.check else []  # one that is not configured is not called: it says what it lacks
    checks = await asyncio.gather(*(check(each.name, desk.models) for each in asked))
    found = {each.name: each for each in checks}
    own = [pb.Provider(name=name, summary=entry.summary, configured=True) for name, entry in PROVIDERS.items()]
    listed = [each for each in own if wanted in ("", each.name)]
    return pb.ListProvidersResponse(providers=[*listed, *(_provider(each, found.get(each.name)) for each in vendors)])


def _provider(vendor: Listed, checked: Checked | None) -> pb.Provider:
    message = pb.Provider(
        name=vendor.name,
        summary=vendor.summary,
        configured=vendor.configured,
        key_variable=vendor.variables[0],
        url_variable=vendor.variables[-1],
        default_model=vendor.model,
        models=[_model(each.name, each.ability) for each in vendor.models],
    )
    if checked is not None:
        known = {each.name for each in vendor.models}
        fresh = [name for name in checked.models if name not in known]
        message.models.extend(_model(name, find_ability(vendor.name, name)) for name in fresh)
        problem = checked.problem
        message.check.ok = problem is None
        message.check.message = f"{len(checked.models)} models" if problem is None else str(problem)
        message.check.latency_ms = round(checked.seconds * 1000, 1)
    return message


def _model(name: str, ability: Ability) -> pb.ProviderModel:
    abilities = [
        word
        for word, able in (
            ("tools", ability.tools),
            ("schema", ability.schema),
            ("reasoning", ability.reasons),
            ("temperature", ability.temperature),
            ("seed", ability.seed),
        )
        if able
    ]
    return pb.ProviderModel(name=name, abilities=abilities, context_tokens=ability.context)
