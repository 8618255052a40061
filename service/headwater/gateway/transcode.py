"""Turns HTTP requests into requests of the methods, by their `google.api.http` bindings.

Path templates and bodies follow google/api/http.proto: `{field}` is one segment, `{field=**}` many, `:verb` ends a
custom method; the body fills the whole request (`*`), one field, or nothing; the query fills what is left.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from google.protobuf.duration_pb2 import Duration

from headwater.errors import Code, Violation, invalid, problem
from headwater.gateway.decode import fill, fill_strings, parse_json, refuse
from headwater.gateway.exchange import Refusal
from headwater.gateway.forms import MEDIA_TYPE as FORM
from headwater.gateway.forms import fill_form
from headwater.gateway.negotiate import CURSORS
from headwater.methods import Binding, Kind, Method

RESERVED = frozenset({"alt", "errors", "token", "last_event_id"})
"""Query parameters that are the gateway's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A binding of a method, ready to be matched."""

    method: Method
    binding: Binding
    path: re.Pattern[str]
    variables: tuple[str, ...]

    @property
    def streams(self) -> bool:
        """Whether the answer is a stream of events."""
        return self.method.kind is not Kind.QUERY


class Routes:
    """All routes of the service."""

    def __init__(self, methods: Iterable[Method]) -> None:
        """Compiles the bindings. Raises RuntimeError if a request has a field that a parameter of ours would hide."""
        found = [_route(method, binding) for method in methods for binding in method.bindings]
        # What names its segments comes before what takes any.
        self.all: Sequence[Route] = sorted(found, key=lambda route: (len(route.variables), route.binding.pattern))

    def find(self, verb: str, path: str) -> tuple[Route, Mapping[str, str]]:
        """Returns the route of a request and its path variables. Raises Refusal 404 or 405."""
        matching = [(route, match) for route in self.all if (match := route.path.fullmatch(path))]
        if not matching:
            raise self._unknown(path)
        sought = "GET" if verb == "HEAD" else verb
        for route, match in matching:
            if route.binding.verb == sought:
                return route, _variables(route, match)
        allowed = ", ".join(self.verbs(path))
        message = f"{path} does not take {verb}."
        raise Refusal(
            405,
            problem(Code.UNIMPLEMENTED, "WRONG_VERB", message, f"Use {allowed}.", allow=allowed),
            [("allow", allowed)],
        )

    def verbs(self, path: str) -> Sequence[str]:
        """Returns the verbs that a path takes. Raises Refusal 404 if there is no such path."""
        found = {route.binding.verb for route in self.all if route.path.fullmatch(path)}
        if not found:
            raise self._unknown(path)
        if "GET" in found:
            found.add("HEAD")
        return sorted({*found, "OPTIONS"})

    def _unknown(self, path: str) -> Refusal:
        known = sorted({route.binding.pattern for route in self.all})
        close = difflib.get_close_matches(path, known, n=3) or known
        remedy = f"There is {', '.join(close)}; GET / lists all."
        shown = path if len(path) <= _SHOWN else f"{path[:_SHOWN]}…"
        return Refusal(404, problem(Code.NOT_FOUND, "NO_SUCH_ROUTE", f"There is no {shown}.", remedy, path=shown))


def read_request(
    route: Route, variables: Mapping[str, str], query: Sequence[tuple[str, str]], body: bytes, content_type: str
) -> Any:
    """Makes the method's request. Raises Problem INVALID_ARGUMENT that names every unusable field."""
    request: Any = route.method.request()
    pairs = [(name, value) for name, value in query if name not in _own(route)]
    violations = _fill_body(route, request, body, content_type)
    if route.binding.body == "*":
        violations += [Violation(field=name, description="belongs into the body here") for name, _ in pairs]
    else:
        violations += fill_strings(request, pairs)
    # The path comes last: it is what was routed by, whatever else was said.
    violations += fill_strings(request, variables.items())
    if violations:
        raise refuse(violations)
    return request


def check_content_type(content_type: str, encoding: str) -> None:
    """Raises Refusal 415 unless the body is plain JSON, or a form with files.

    A body without a type is taken for it, and so is one of the type that `curl -d` names when nobody tells it another;
    pages of other origins, which may send that type without asking, are refused before.
    """
    media, _, parameters = content_type.lower().partition(";")
    charset = parameters.partition("charset=")[2].strip(' "')
    if media.strip() not in {*_JSON_TYPES, FORM} or charset not in ("", "utf-8", "utf8"):
        remedy = "Send application/json in UTF-8 (curl: -H 'Content-Type: application/json')."
        raise Refusal(415, problem(Code.INVALID_ARGUMENT, "NOT_JSON", f"The body is {content_type}.", remedy))
    if encoding.lower() not in ("", "identity"):
        remedy = "Send it uncompressed; what is large fits into an archive."
        raise Refusal(
            415, problem(Code.INVALID_ARGUMENT, "BODY_ENCODED", f"The body is encoded as {encoding}.", remedy)
        )


_JSON_TYPES = frozenset({"", "application/json", "application/x-www-form-urlencoded"})


def apply_headers(request: Any, headers: Mapping[str, str]) -> None:
    """Takes over what headers say about a run, where the request itself says nothing."""
    options = request.DESCRIPTOR.fields_by_name.get("run_options")
    if options is None:
        return
    key = headers.get("idempotency-key", "")
    if key and not request.run_options.idempotency_key:
        request.run_options.idempotency_key = key
    deadline = _deadline(headers)
    if deadline is not None and not request.run_options.HasField("deadline"):
        request.run_options.deadline.CopyFrom(deadline)


def _deadline(headers: Mapping[str, str]) -> Duration | None:
    """Reads `Grpc-Timeout: 1500m` (PROTOCOL-HTTP2 of gRPC) or `Request-Timeout: 1.5`."""
    for name, form in (("grpc-timeout", _GRPC_TIMEOUT), ("request-timeout", _SECONDS)):
        text = headers.get(name, "")
        if text:
            found = form.fullmatch(text)
            if found is None:
                raise invalid("BAD_TIMEOUT", name, f"{name} is no timeout.", "Give seconds, as in 30S or 30.")
            unit = found.groupdict().get("unit", "S")
            duration = Duration()
            duration.FromNanoseconds(round(float(found["amount"]) * _NANOSECONDS[unit]))
            return duration
    return None


def _route(method: Method, binding: Binding) -> Route:
    variables = list(_VARIABLE.finditer(binding.pattern))
    literals = [re.escape(text) for text in _VARIABLE.sub("\0", binding.pattern).split("\0")]
    # A segment ends before the colon of a custom verb, so that `/v1/runs/x:stop` is no run.
    groups = ["(.+)" if each["form"] == "**" else "([^/:]+)" for each in variables]
    pattern = "".join(part for pair in zip(literals, [*groups, ""], strict=True) for part in pair)
    names = tuple(each["name"] for each in variables)
    route = Route(method=method, binding=binding, path=re.compile(pattern), variables=names)
    hidden = _own(route) & {field.name for field in method.request.DESCRIPTOR.fields}
    # A watch's own `after` is the cursor; the gateway sets it.
    if hidden - ({"after"} if method.kind is Kind.WATCH else set()):
        raise RuntimeError(f"{method.request.DESCRIPTOR.full_name}: the gateway's parameters hide {sorted(hidden)}")
    return route


def _own(route: Route) -> frozenset[str]:
    """Returns the parameters that are the gateway's own on this route."""
    return RESERVED | frozenset(CURSORS) if route.streams else RESERVED


def _variables(route: Route, match: re.Match[str]) -> Mapping[str, str]:
    try:
        values = [unquote(each, errors="strict") for each in match.groups()]
    except UnicodeDecodeError as error:
        raise invalid("PATH_NOT_UTF8", "path", "The path is not UTF-8.", "Percent-encode UTF-8.") from error
    return dict(zip(route.variables, values, strict=True))


def _fill_body(route: Route, request: Any, body: bytes, content_type: str) -> list[Violation]:
    if not route.binding.body:
        return []
    if content_type.partition(";")[0].strip().lower() == FORM and route.binding.body == "*":
        return fill_form(request, body, content_type)
    value = parse_json(body)
    return fill(request, value if route.binding.body == "*" else {route.binding.body: value})


_SHOWN = 200
"""Characters of an unknown path that its refusal repeats."""
_VARIABLE = re.compile(r"\{(?P<name>[^}=]+)(?:=(?P<form>[^}]+))?\}")
_GRPC_TIMEOUT = re.compile(r"(?P<amount>[0-9]{1,8})(?P<unit>[HMSmun])")
_SECONDS = re.compile(r"(?P<amount>[0-9]{1,8}(?:\.[0-9]{1,9})?)")
_NANOSECONDS: Mapping[str, int] = {
    "H": 3_600_000_000_000,
    "M": 60_000_000_000,
    "S": 1_000_000_000,
    "m": 1_000_000,
    "u": 1_000,
    "n": 1,
}
