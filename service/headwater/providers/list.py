"""Lists the vendors: which are configured, which models are known, what they can do, and whether they answer now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from headwater.errors import Problem
from headwater.providers.abilities import Ability, find_ability
from headwater.providers.asking import read_whole
from headwater.providers.faults import explain, make_problem
from headwater.providers.kinds import MALFORMED, MODEL, NO_LIST, SILENT, UNREACHABLE
from headwater.providers.make import Models
from headwater.providers.usage import Price, Prices
from headwater.providers.vendors import VENDORS, find_key, find_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A model that is known by name: what it can do, and what it costs where that is known."""

    name: str
    ability: Ability
    price: Price | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A vendor as it is configured here. `missing` is why it cannot be asked, and what to do about it."""

    name: str
    summary: str
    local: bool
    model: str
    variables: tuple[str, ...]
    missing: str = ""
    models: tuple[Known, ...] = ()

    @property
    def configured(self) -> bool:
        """Whether it can be asked."""
        return not self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a vendor answered to a live check: its models, or what went wrong."""

    name: str
    seconds: float
    models: tuple[str, ...] = ()
    problem: Problem | None = None


def list_vendors(secrets: Mapping[str, str], prices: Prices) -> tuple[Listed, ...]:
    """Lists all vendors. No key is shown, and none is checked."""
    listed: list[Listed] = []
    for name, vendor in VENDORS.items():
        try:
            find_key(name, vendor, secrets)
            find_url(name, vendor, secrets)
            missing = ""
        except Problem as found:
            missing = str(found)
        models = [each.partition(":")[2] for each in prices.models if each.startswith(f"{name}:")]
        models += [vendor.model] if vendor.model and vendor.model not in models else []
        listed.append(
            Listed(
                name=name,
                summary=vendor.summary,
                local=vendor.local,
                model=vendor.model,
                variables=(*vendor.keys, vendor.url_variable),
                missing=missing,
                models=tuple(
                    Known(name=each, ability=find_ability(name, each), price=prices.find(f"{name}:{each}"))
                    for each in models
                ),
            )
        )
    return tuple(listed)


async def check(name: str, models: Models) -> Checked:
    """Asks a vendor for its models, within the time of a check."""
    began = time.monotonic()
    try:
        found = await _ask_models(name, models)
    except Problem as problem:
        return Checked(name=name, seconds=time.monotonic() - began, problem=problem)
    return Checked(name=name, seconds=time.monotonic() - began, models=found)


async def _ask_models(name: str, models: Models) -> tuple[str, ...]:
    # Vendors without a model of their own choice are asked for their list all the same.
    target = models.target(name if ":" in name or VENDORS.get(name) is None or VENDORS[name].model else f"{name}:any")
    wire = models.open(target)
    clock = asyncio.timeout(target.limits.check_seconds)
    try:
        async with clock, wire.listing() as reply:
            body = await read_whole(reply.chunks(), target)
        return _names(orjson.loads(body))
    except TimeoutError:
        raise make_problem(SILENT if clock.expired() else UNREACHABLE, target) from None
    except wire.failures as error:
        found = explain(error, target)
        # No model was asked for: what is not there is the list.
        raise make_problem(NO_LIST, target) if found.reason == MODEL.reason else found from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise make_problem(MALFORMED, target) from None


def _names(body: Any) -> tuple[str, ...]:
    found = body["data"] if "data" in body else body["models"]
    return tuple(str(each.get("id") or each["name"]) for each in found)
