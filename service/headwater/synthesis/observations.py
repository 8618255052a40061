"""Reads what the guest sends: a stranger's word, so every field is checked before it becomes text of a test."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OPERATORS = frozenset({"==", "is", "approx", "isnan", "isinstance"})
WRAPS = frozenset({"", "await", "list", "async_list", "loop", "loop_await"})
HOWS = frozenset({"positional", "keyword", "star", "double"})
TEMPLATES = frozenset({"operator", "inverse", "idempotence"})
"""Styles of cases whose callee is a template of the whole call; the latter two show what holds for every input."""
STYLES = frozenset({"call", "construct", "property"}) | TEMPLATES
EXPRESSION_NODES = (
    ast.Expression, ast.Constant, ast.Name, ast.Attribute, ast.Call, ast.keyword, ast.List, ast.Tuple, ast.Set,
    ast.Dict, ast.UnaryOp, ast.BinOp, ast.Compare, ast.BoolOp, ast.Subscript, ast.Slice, ast.Lambda, ast.arguments,
    ast.arg, ast.Starred, ast.GeneratorExp, ast.comprehension, ast.expr_context, ast.unaryop, ast.operator, ast.cmpop,
    ast.boolop,
)  # fmt: skip
"""What an expression of a test may consist of."""


class Malformed(ValueError):  # noqa: N818 — says what it is
    """The guest sent something that is no observation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """A parameter and the argument it is given, empty for its default.

    `how` is `positional`, `keyword`, `star` or `double`.
    """

    name: str
    how: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that holds after the call; `of` may mention `{self}` and arguments by number."""

    of: str
    operator: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A call and what it did. `error` is the expression of an exception's class, empty if it returned."""

    symbol: str
    style: str
    callee: str
    owner: str
    receiver: str
    before: tuple[str, ...]
    awaited: tuple[bool, ...]
    """Which of the expressions run first are awaited."""
    arguments: tuple[Argument, ...]
    wrap: str
    checks: tuple[Check, ...]
    error: str
    message: str
    output: str
    errors: str
    """What it writes to standard error."""
    basis: str
    basis_detail: str
    changed: bool
    """Whether something else than what is returned is different after the call."""
    fresh: bool
    """Whether it reaches something that no case before it does."""
    telling: bool = False
    """Whether it notices a change of the code that no case before it does."""

    @property
    def prints(self) -> bool:
        """Whether a test asserts what it prints."""
        return bool(self.output or self.errors)

    @property
    def is_law(self) -> bool:
        """Whether it shows what holds for every input."""
        return self.style in TEMPLATES and self.style != "operator"

    @property
    def shares(self) -> bool:
        """Whether its object may come from a fixture; one that belongs to an event loop is made there."""
        return bool(self.receiver) and self.wrap not in ("loop", "loop_await")

    @property
    def given(self) -> tuple[Argument, ...]:
        """The arguments that the call gives."""
        return tuple(each for each in self.arguments if each.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """A call that seems to show a bug: what it should have done, and what it raised instead, if it did."""

    reason: str
    case: Case
    raised: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What the search for one target brought: cases, what was left out with its reason, and where names come from."""

    symbol: str
    cases: tuple[Case, ...]
    suspected: tuple[Suspicion, ...]
    left_out: tuple[tuple[str, str], ...]
    origins: Mapping[str, tuple[str, str]]


def read_observed(event: Mapping[str, Any]) -> Observed:
    """Reads a `cases` event. Raises Malformed."""
    symbol = _text(event, "symbol")
    left_out = tuple(
        (_text(each, "reason"), f"{symbol}({', '.join(map(str, each.get('args', ())))})")
        for each in _items(event, "left_out")
    )
    origins: dict[str, tuple[str, str]] = {}
    for name, origin in _mapping(event, "names").items():
        if name.isidentifier() and isinstance(origin, list) and all(_is_dotted(part) for part in origin):  # pyright: ignore[reportUnknownVariableType]
            origins[name] = (str(origin[0]), str(origin[1]))  # pyright: ignore[reportUnknownArgumentType]
    cases = tuple(_case(each) for each in _items(event, "cases"))
    suspected = tuple(_suspicion(each) for each in _items(event, "suspected"))
    return Observed(symbol=symbol, cases=cases, suspected=suspected, left_out=left_out, origins=origins)


def _suspicion(event: Mapping[str, Any]) -> Suspicion:
    case = _case(_mapping(event, "case"))
    return Suspicion(reason=_text(event, "reason"), case=case, raised=_text(event, "raised"))


def _case(event: Mapping[str, Any]) -> Case:
    return Case(
        symbol=_text(event, "symbol"),
        style=_one_of(event, "style", STYLES),
        callee=_text(event, "callee"),
        owner=_text(event, "owner"),
        receiver=_expression(_text(event, "receiver")),
        before=tuple(_statement(each) for each in _list(event, "before")),
        awaited=tuple(each is True for each in _list(event, "awaited")),
        arguments=tuple(_argument(each) for each in _items(event, "args")),
        wrap=_one_of(event, "wrap", WRAPS),
        checks=tuple(_check(each) for each in _list(event, "checks")),
        error=_expression(_text(event, "error")),
        message=_text(event, "message"),
        output=_text(event, "output"),
        errors=_text(event, "errors"),
        basis=_text(event, "basis"),
        basis_detail=_text(event, "basis_detail"),
        changed=event.get("changed", True) is True,
        fresh=bool(event.get("fresh", 1)),
        telling=event.get("telling") is True,
    )


def _argument(event: Mapping[str, Any]) -> Argument:
    return Argument(name=_text(event, "name"), how=_one_of(event, "how", HOWS), text=_expression(_text(event, "text")))


def _check(value: Any) -> Check:
    if not isinstance(value, list) or len(value) != 3 or not all(isinstance(part, str) for part in value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # noqa: PLR2004 — of, operator, text
        raise Malformed(f"not a check: {value!r}")
    of, operator, text = (str(part) for part in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if operator not in OPERATORS:
        raise Malformed(f"not an operator: {operator!r}")
    _statement(of)
    return Check(of=of, operator=operator, text=_statement(text))


def _statement(text: Any) -> str:
    """Checks an expression in which `{self}` and `{0}` stand for objects."""
    if not isinstance(text, str):
        raise Malformed(f"not a text: {text!r}")
    plain = text.replace("{self}", "self")
    for number in range(20):
        plain = plain.replace(f"{{{number}}}", "self")
    _expression(plain)
    return text


def _expression(text: str) -> str:
    """Checks that a text is an expression of the permitted kinds; empty text passes."""
    if not text:
        return text
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise Malformed(f"not an expression: {text[:80]!r}") from error
    for node in ast.walk(tree):
        if not isinstance(node, EXPRESSION_NODES):
            raise Malformed(f"{type(node).__name__} in an expression: {text[:80]!r}")
    return text


def _is_dotted(value: Any) -> bool:
    return isinstance(value, str) and all(part.isidentifier() for part in value.split(".") if value)


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name, "")
    if not isinstance(value, str):
        raise Malformed(f"{name} is not a text")
    return value


def _one_of(event: Mapping[str, Any], name: str, known: frozenset[str]) -> str:
    value = _text(event, name)
    if value not in known:
        raise Malformed(f"{name} is {value!r}")
    return value


def _list(event: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = event.get(name, [])
    if not isinstance(value, list):
        raise Malformed(f"{name} is not a list")
    return value  # pyright: ignore[reportUnknownVariableType]


def _items(event: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    values = _list(event, name)
    if not all(isinstance(each, dict) for each in values):
        raise Malformed(f"{name} does not hold objects")
    return values


def _mapping(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = event.get(name, {})
    if not isinstance(value, dict):
        raise Malformed(f"{name} is not an object")
    return value  # pyright: ignore[reportUnknownVariableType]
