"""What the commands `headwater providers` and `headwater prompts` print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from headwater.errors import invalid
from headwater.pipeline.wording import listing
from headwater.v1 import list_providers_pb2 as pb
from headwater_client import AsyncClient


async def list_providers(name: str, *, check: bool, connect: Callable[[], AsyncClient] | None) -> str:
    """Lists the providers of a server or of this machine; with a name, that one and its models."""
    request = pb.ListProvidersRequest(provider=name, check=check)
    if connect is not None:
        async with connect() as client:
            found = await client.list_providers(name, check=check)
    else:
        found = await _here(request)
    width = max(len(each.name) for each in found)
    lines = [_row(each, width) for each in found]
    if name:
        lines += [f"  {model.name}  {', '.join(model.abilities)}" for each in found for model in each.models]
    return "\n".join(lines)


async def _here(request: pb.ListProvidersRequest) -> list[pb.Provider]:
    from headwater.config import load_settings  # noqa: PLC0415 — the service is loaded by those who ask it
    from headwater.local import ask  # noqa: PLC0415

    answer: Any = await ask(load_settings(store="sqlite://:memory:"), "ListProviders", request)
    return list(answer.providers)


def _row(provider: pb.Provider, width: int) -> str:
    missing = provider.key_variable or provider.url_variable
    state = "configured" if provider.configured else f"not configured, needs {missing}"
    if provider.configured and provider.HasField("check"):
        state = f"answers in {provider.check.latency_ms:.0f} ms" if provider.check.ok else provider.check.message
    model = f"  ({provider.default_model})" if provider.default_model else ""
    # A sentence begins with a capital, but a name such as vLLM stays what it is.
    first, rest = provider.summary[:1], provider.summary[1:]
    summary = f"{first if rest[:1].isupper() else first.upper()}{rest}"
    return f"{provider.name:{width}}  {summary}{model}: {state}"


def list_prompts(name: str, folder: Path | None) -> str:
    """Lists the templates with their versions and where they come from; with a name, that one's text.

    Without a folder, it is the setting's. Raises Problem `PROMPT_UNKNOWN`, `TEMPLATE_BROKEN` or `SETTING_INVALID`.
    """
    from headwater.config import load_settings  # noqa: PLC0415 — the service is loaded by those who ask it

    found = {each.name: each for each in listing(folder or load_settings().prompts)}
    if not name:
        return "\n".join(f"{each.name:14} version {each.version:6} {each.origin}" for each in found.values())
    if name not in found:
        raise invalid("PROMPT_UNKNOWN", "name", f"There is no prompt {name!r}.", f"Use one of: {', '.join(found)}.")
    return found[name].text
