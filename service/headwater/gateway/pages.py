"""The pages beside the API: whether the service lives and is ready, its metrics, its description, its routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import orjson

from headwater.errors import Code, problem
from headwater.gateway.exchange import Answer, Exchange, Refusal
from headwater.gateway.negotiate import Format
from headwater.gateway.openapi import describe
from headwater.gateway.transcode import Routes

PAGE_VERBS = ("GET", "HEAD", "OPTIONS")
"""What every page takes."""
OK = "ok"
"""How a part of the service says that it is ready; more may follow, such as `ok (namespaces)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSources:
    """Where the pages get what they show."""

    metrics: Callable[[str], tuple[bytes, str]]
    """Returns the metrics in the form that an Accept header asks for, and their media type."""
    ready: Callable[[], Awaitable[Mapping[str, str]]]
    """Says of each part of the service `ok`, or what is wrong with it."""
    version: str


class Pages:
    """Answers the paths that are no methods."""

    def __init__(self, routes: Routes, sources: PageSources) -> None:
        """Writes the description once; it changes with the code only."""
        self._sources = sources
        self._routes = routes
        self._openapi = describe(routes, version=sources.version)
        self._pages: Mapping[str, Callable[[Exchange], Awaitable[Answer]]] = {
            "/": self._index,
            "/healthz": self._alive,
            "/readyz": self._ready,
            "/metrics": self._metrics,
            "/openapi.json": self._description,
        }

    def has(self, path: str) -> bool:
        """Whether there is such a page."""
        return path in self._pages

    async def answer(self, exchange: Exchange) -> Answer:
        """Answers a GET or HEAD of a page. Raises Refusal 405."""
        if exchange.verb not in ("GET", "HEAD"):
            allowed = ", ".join(PAGE_VERBS)
            told = problem(Code.UNIMPLEMENTED, "WRONG_VERB", f"{exchange.path} does not take {exchange.verb}.")
            raise Refusal(405, told, [("allow", allowed)])
        return await self._pages[exchange.path](exchange)

    async def _index(self, exchange: Exchange) -> Answer:
        rows = [
            (route.binding.verb, route.binding.pattern, _summary(route.method.comment)) for route in self._routes.all
        ]
        rows += [("GET", path, about) for path, about in ABOUT.items()]
        rows.sort(key=lambda row: (row[1], row[0]))
        if exchange.headers.get("accept", "").startswith(Format.JSON.value):
            listed = [{"verb": verb, "path": path, "summary": about} for verb, path, about in rows]
            return Answer(body=orjson.dumps({"version": self._sources.version, "routes": listed}))
        width = max(len(path) for _, path, _ in rows)
        lines = [f"{verb:<5}{path:<{width}}  {about}" for verb, path, about in rows]
        text = f"Headwater {self._sources.version}\n\n" + "\n".join(lines) + "\n"
        return Answer(media_type="text/plain; charset=utf-8", body=text.encode())

    async def _alive(self, _: Exchange) -> Answer:
        return Answer(body=orjson.dumps({"status": OK}), headers=_FRESH)

    async def _ready(self, _: Exchange) -> Answer:
        parts = await self._sources.ready()
        ready = all(state.partition(" ")[0] == OK for state in parts.values())
        body = orjson.dumps({"status": OK if ready else "unavailable", "parts": dict(parts)})
        return Answer(status=200 if ready else 503, body=body, headers=_FRESH)

    async def _metrics(self, exchange: Exchange) -> Answer:
        body, media_type = self._sources.metrics(exchange.headers.get("accept", ""))
        return Answer(media_type=media_type, body=body, headers=_FRESH)

    async def _description(self, _: Exchange) -> Answer:
        return Answer(body=self._openapi)


def _summary(comment: str) -> str:
    """Returns the first paragraph of a comment, in one line."""
    return " ".join(comment.partition("\n\n")[0].split())


_FRESH = (("cache-control", "no-store"),)
ABOUT: Mapping[str, str] = {
    "/": "Lists the routes.",
    "/healthz": "Says that the service lives.",
    "/metrics": "Shows the metrics, for Prometheus.",
    "/openapi.json": "Describes the API (OpenAPI 3.1).",
    "/readyz": "Says whether each part of the service is ready.",
}
