"""Turns calls that were played into calls with unknowns: what a solver is to find values for.

An argument whose type a solver can reason about becomes one unknown; where it is an expression, as are objects and
earlier calls, the constants in it do.
"""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import dataclasses
import datetime  # noqa: ICN001 — as tests spell it
import enum
import typing
from dataclasses import dataclass, field, replace
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple, Union

from .calls import OMITTED, Call, act_text
from .names import MAKERS

PLAIN = (int, float, bool, str, bytes, datetime.date, datetime.datetime, datetime.timedelta)
CONTAINERS = (list, tuple, dict, set, frozenset)
MOST = 8
"""More unknowns than these make paths that no solver walks in a second or two."""
DEEPEST = 4
"""How deep types may nest."""
FILLER = "a"
BY_FIXTURE = ("tmp_path", "monkeypatch")
"""What a test is given by the runner: it stands for files and patches, which no solver knows of."""


@dataclass(frozen=True)
class Template:
    """A call with unknowns in the place of values."""

    call: Call
    """The call, its texts naming the unknowns."""
    kinds: Mapping[str, Any]
    """The types of the unknowns by their names."""

    @property
    def function(self) -> str:
        """An expression for the function that takes the unknowns and makes the call."""
        call = self.call
        steps = [f"(self := {call.receiver})"] if call.receiver else []
        steps += [each.replace("{self}", "self") for each in call.before]
        return f"lambda {', '.join(self.kinds)}: [{', '.join([*steps, act_text(call, 'self', list(call.args))])}][-1]"

    def filled(self, texts: Mapping[str, str]) -> Call:
        """Returns the call with an expression in the place of each unknown."""
        call = self.call
        args = tuple(_filled(each, texts) for each in call.args)
        before = tuple(_filled_move(each, texts) for each in call.before)
        return replace(call, args=args, receiver=_filled(call.receiver, texts), before=before)


def templates(calls: Iterable[Call]) -> List[Template]:
    """Returns the different templates of calls, that of the smallest call first."""
    found: Dict[Tuple[object, ...], Template] = {}
    for call in sorted(calls, key=lambda each: each.size):
        template = _template(call)
        if template is not None:
            lifted = template.call
            key = (lifted.receiver, lifted.before, lifted.args, tuple(map(str, template.kinds.values())))
            found.setdefault(key, template)
    return list(found.values())


def readable(text: str) -> str:
    """Returns an expression with a letter in the place of each character that nobody types."""
    tree = ast.parse(text, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = "".join(each if " " <= each <= "~" else FILLER for each in node.value)
    return ast.unparse(tree)


def is_friendly(kind: Any, depth: int = DEEPEST) -> bool:
    """Whether a solver can reason about values of a type: numbers, texts, dates, and what is made of them."""
    kind = getattr(kind, "__supertype__", kind)
    if isinstance(kind, type) and (kind in PLAIN or issubclass(kind, enum.Enum)):
        return True
    if not depth:
        return False
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        try:
            hints = typing.get_type_hints(kind)
        except (NameError, TypeError, AttributeError):  # a hint that names nothing
            return False
        return bool(hints) and all(is_friendly(each, depth - 1) for each in hints.values())
    parts = [each for each in typing.get_args(kind) if each not in (Ellipsis, type(None))]
    origin = typing.get_origin(kind)
    known = origin in CONTAINERS or origin is Union or type(kind).__name__ == "UnionType"
    return known and bool(parts) and all(is_friendly(each, depth - 1) for each in parts)


def kind_of(value: Any) -> Optional[Any]:
    """Returns the type that a solver is to think of for a value; None where there is none."""
    if type(value) in PLAIN:
        return type(value)
    if type(value) not in CONTAINERS or not value:
        return None
    parts = [kind_of(each) for each in (value.values() if isinstance(value, dict) else value)]
    if any(each is None for each in parts):
        return None
    if isinstance(value, tuple):
        return tuple[tuple(parts)]
    keys = {kind_of(each) for each in value} if isinstance(value, dict) else {str}
    if len(set(parts)) > 1 or len(keys) > 1 or None in keys:
        return None
    return dict[keys.pop(), parts[0]] if isinstance(value, dict) else list[parts[0]] if type(value) is list else None


@dataclass
class _Unknowns:
    """The unknowns of one template as they are made."""

    kinds: Dict[str, Any] = field(default_factory=dict)

    def add(self, kind: Any) -> str:
        """Returns the name of a new one."""
        name = f"unknown_{len(self.kinds)}"
        self.kinds[name] = kind
        return name


def _template(call: Call) -> Optional[Template]:
    """Returns the template of a call; None where there is nothing to find, or nothing that a solver can follow."""
    texts = [call.receiver, *call.before, *call.args]
    strange = any(name in text for name in (*BY_FIXTURE, *MAKERS, "lambda") for text in texts)
    if call.looped or strange or (isinstance(call.target.node, ast.AsyncFunctionDef)):
        return None
    unknowns = _Unknowns()
    args = tuple(
        _argument(text, each.annotation if each.how in ("positional", "keyword") else None, unknowns)
        for each, text in zip(call.target.parameters, call.args)
    )
    receiver = _lifted(call.receiver, unknowns)
    before = tuple(_lifted(each.replace("{self}", "self"), unknowns) for each in call.before)
    if not 0 < len(unknowns.kinds) <= MOST:
        return None
    return Template(replace(call, args=args, receiver=receiver, before=before), unknowns.kinds)


def _argument(text: str, annotation: Any, unknowns: _Unknowns) -> str:
    if annotation is not None and is_friendly(annotation):
        return unknowns.add(annotation)
    if text == OMITTED:
        return text
    try:
        kind = kind_of(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):  # an expression, or none at all
        kind = None
    return unknowns.add(kind) if kind is not None else _lifted(text, unknowns)


def _lifted(text: str, unknowns: _Unknowns) -> str:
    """Returns an expression with unknowns in the place of its constants."""
    return ast.unparse(_Lifting(unknowns).visit(ast.parse(text, mode="eval"))) if text else text


def _filled(text: str, texts: Mapping[str, str]) -> str:
    return ast.unparse(_Filling(texts).visit(ast.parse(text, mode="eval"))) if text else text


def _filled_move(text: str, texts: Mapping[str, str]) -> str:
    return ast.unparse(_Filling({**texts, "self": "{self}"}).visit(ast.parse(text, mode="eval")))


class _Lifting(ast.NodeTransformer):
    """Puts an unknown in the place of each constant."""

    def __init__(self, unknowns: _Unknowns) -> None:
        self._unknowns = unknowns

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if type(node.value) not in PLAIN:
            return node
        return ast.Name(self._unknowns.add(type(node.value)), ast.Load())

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """Takes a negative number as one."""
        return self.visit(node.operand) if isinstance(node.op, ast.USub) else self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node


class _Filling(ast.NodeTransformer):
    """Puts expressions in the place of names."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def visit_Name(self, node: ast.Name) -> ast.AST:
        text = self._texts.get(node.id)
        if text is None:
            return node
        if text == "{self}":
            return ast.Name(text, ast.Load())
        return ast.parse(text, mode="eval").body
