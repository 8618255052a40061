"""OpenAI, by either of its wires. The one place that imports the SDK `openai`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from headwater.providers.asking import Wire
from headwater.providers.models import ToolSpec
from headwater.providers.replies import Reply, read_reply
from headwater.providers.vendors import Target

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class OpenAI(Wire):
    """A model behind the SDK: what chat completions and responses share."""

    def __init__(self, target: Target, client: AsyncOpenAI | None = None) -> None:
        """Takes whom to ask, and a client to share connections with."""
        super().__init__(target, failures())
        self.client = client or make_client(target)

    @asynccontextmanager
    async def listing(self) -> AsyncGenerator[Reply]:
        """Asks which models there are."""
        list_models = self.client.models.with_streaming_response.list
        async with list_models(extra_headers=key_headers(self.target)) as response:
            yield read_reply(response.http_response)


def make_client(target: Target) -> AsyncOpenAI:
    """Makes a client that neither retries nor keeps time: both are done here, for every vendor alike."""
    import httpx2  # noqa: PLC0415 — the SDK and what it stands on are loaded when a vendor is asked
    import openai  # noqa: PLC0415 — likewise

    limits = target.limits
    client = openai.AsyncOpenAI(
        api_key=target.key or "none",
        base_url=target.url,
        max_retries=0,
        timeout=httpx2.Timeout(None, connect=limits.connect_seconds),
        http_client=openai.DefaultAsyncHttpxClient(
            limits=httpx2.Limits(max_connections=limits.connections, max_keepalive_connections=limits.idle_connections),
        ),
    )
    if not target.quirks.organization:
        # The SDK reads OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_CUSTOM_HEADERS: they are meant for OpenAI alone.
        client.organization = client.project = None
        client._custom_headers = {}  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    return client


def failures() -> tuple[type[BaseException], ...]:
    """Returns what the SDK and its HTTP library raise."""
    import httpx2  # noqa: PLC0415 — loaded when a vendor is asked
    import openai  # noqa: PLC0415 — likewise

    return (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError)


def key_headers(target: Target) -> dict[str, Any]:
    """Leaves the key's header out where there is no key."""
    import openai  # noqa: PLC0415 — loaded when a vendor is asked

    return {} if target.key else {"Authorization": openai.Omit()}


def function_spec(tool: ToolSpec) -> dict[str, Any]:
    """Writes a tool as OpenAI and Ollama want it."""
    return {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
