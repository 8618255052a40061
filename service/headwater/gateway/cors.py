"""Decides what pages of other origins may do: read answers, and start work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from headwater.errors import Code, Problem, problem
from headwater.gateway.exchange import Answer
from headwater.gateway.options import GatewayOptions

ASKED = (
    "Authorization",
    "Content-Type",
    "Grpc-Timeout",
    "Idempotency-Key",
    "Last-Event-ID",
    "Request-Timeout",
    "traceparent",
    "X-API-Key",
    "X-Request-Id",
)
"""Request headers that a page of an allowed origin may send."""


def preflight(verbs: Sequence[str], headers: Mapping[str, str], options: GatewayOptions) -> Answer:
    """Answers OPTIONS: what the path takes, and to a browser what a page of its origin may send."""
    allowed = ", ".join(verbs)
    found = [("allow", allowed)]
    if "access-control-request-method" in headers and _may_read(headers.get("origin", ""), options.cors_origins):
        found += [
            ("access-control-allow-methods", allowed),
            ("access-control-allow-headers", ", ".join(ASKED)),
            ("access-control-max-age", str(options.cors_seconds)),
        ]
    return Answer(status=204, headers=found)


def check_site(headers: Mapping[str, str], options: GatewayOptions) -> None:
    """Refuses what a browser sends on behalf of a strange site, such as the URL of an `<img>` that starts a run.

    CORS only keeps such a site from reading the answer. Browsers say in Sec-Fetch-Site who asks, and no page can change
    it; to old ones the Origin is compared with the Host. Raises Problem PERMISSION_DENIED.
    """
    origin, site = headers.get("origin", ""), headers.get("sec-fetch-site", "")
    if _may_read(origin, options.cors_origins):
        return
    own = site in _OWN if site else not origin or urlsplit(origin).netloc == headers.get("host", "")
    if not own:
        raise _strange(origin)


def _may_read(origin: str, allowed: tuple[str, ...]) -> bool:
    return "*" in allowed or origin in allowed


def _strange(origin: str) -> Problem:
    message = f"Pages of {origin or 'another site'} may not use this server."
    remedy = "Add the origin to the allowed CORS origins."
    return problem(Code.PERMISSION_DENIED, "STRANGE_ORIGIN", message, remedy, origin=origin)


_OWN = frozenset({"same-origin", "none"})
"""Sec-Fetch-Site of this server's own pages, and of an address that a person typed."""
