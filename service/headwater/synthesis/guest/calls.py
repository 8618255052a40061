"""Says what a call is, what came of it, and how it is written.

A `Call` is all that a test needs to repeat it: text.
"""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import inspect
import keyword
import re
from dataclasses import dataclass
from typing import Any, FrozenSet, Iterator, List, Optional, Tuple

from .inventory import Target
from .tracing import Arc

TEMPLATES = frozenset({"operator", "inverse", "idempotence"})
"""Styles of targets whose callee is a template of the whole call."""
PLACE = re.compile(r"\{(self|\d+)\}")
"""What stands for the object, or for an argument, in a template."""
LOOSE = (ast.Lambda, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Await, ast.NamedExpr)
"""What operators beside an expression would take apart."""
OMITTED = ""
"""The text of an argument that the call leaves to its default."""


@dataclass(frozen=True)
class Call:
    """A call with all that comes before it, as text."""

    target: Target
    args: Tuple[str, ...]
    """One expression per parameter; `OMITTED` leaves it out. `star` is a tuple, `double` a dict."""
    receiver: str = ""
    """The expression that makes the object, if the target needs one."""
    before: Tuple[str, ...] = ()
    """Expressions run first, in which `{self}` is the object: earlier calls, files written."""
    looped: bool = False
    """Whether all of it runs inside one event loop."""

    @property
    def size(self) -> int:
        """How much there is to read."""
        return sum(map(len, self.args)) + len(self.receiver) + sum(20 + len(each) for each in self.before)

    @property
    def is_arranged(self) -> bool:
        """Whether something that the module calls or looks at was replaced."""
        return any(each.startswith("monkeypatch.setattr") for each in self.before)

    def texts(self) -> Iterator[str]:
        """All expressions of the call."""
        yield from (each for each in (self.receiver, *self.before, *self.args) if each)


@dataclass(frozen=True)
class Played:
    """What a call did. `error` is what it raised; `built` is False if it did not get as far as the call."""

    arcs: FrozenSet[Arc]
    built: bool
    value: Any = None
    wrap: str = ""
    """How the value was drawn from what was returned: `await`, `list`, `async_list`, `loop`, `loop_await`, nothing."""
    awaited: Tuple[bool, ...] = ()
    """Which of the expressions run first were waited for."""
    error: Optional[BaseException] = None
    output: str = ""
    errors: str = ""
    """What was written to standard error."""
    receiver: Any = None
    arguments: Tuple[Any, ...] = ()
    seconds: float = 0.0
    missing: Tuple[str, ...] = ()
    """Files that it opened though they were not there: below `tmp_path`, or `./` and a path from where it stands."""
    outside: str = ""
    """What makes the outcome one of the machine and not of the code: the sandbox refused something, a door was used."""

    operands: Tuple[Tuple[Any, Any], ...] = ()
    """What the code compared and found to differ."""

    @property
    def wants_loop(self) -> bool:
        """Whether it would do something else inside an event loop."""
        asked = isinstance(self.error, RuntimeError) and "event loop" in str(self.error)
        return asked or (self.error is None and _is_future(self.value))

    @property
    def kind(self) -> Tuple[str, ...]:
        """Tells apart what is worth telling apart: the exception, the type, and which constant."""
        if self.error is not None:
            return ("raises", type(self.error).__name__)
        constant = repr(self.value) if self.value is None or isinstance(self.value, bool) else ""
        empty = "empty" if isinstance(self.value, (str, list, tuple, dict, set)) and not self.value else ""
        return ("returns", type(self.value).__name__, constant, empty)


def act_text(call: Call, receiver: str, arguments: List[str]) -> str:
    """Writes the call itself, given the text for its object and for each argument."""
    target = call.target
    if target.style == "property" or target.style in TEMPLATES:
        operands = [as_operand(text, target.callee, index) for index, text in enumerate(arguments)]
        places = {"self": receiver, **{str(index): text for index, text in enumerate(operands)}}
        return PLACE.sub(lambda found: places.get(found[1], found[0]), target.callee)
    parts: List[str] = []
    skipped = False
    for parameter, given, text in zip(target.parameters, call.args, arguments):
        if given == OMITTED:
            skipped = True
        elif parameter.how == "star":
            parts += _spread(text)
        elif parameter.how == "double":
            parts += _named(text)
        else:
            parts.append(f"{parameter.name}={text}" if skipped or parameter.how == "keyword" else text)
    return f"{target.callee.replace('{self}', receiver)}({', '.join(parts)})"


def as_operand(text: str, callee: str, index: int) -> str:
    """Writes an argument so that it stays one beside the operators of the callee: in parentheses where need be."""
    return text if re.search(rf"[(\[,] ?\{{{index}\}}[)\],]", callee) else whole(text)


def whole(text: str) -> str:
    """Writes an expression so that anything may stand beside it: in parentheses where need be."""
    loose = isinstance(ast.parse(text, mode="eval").body, LOOSE) if text else False
    return f"({text})" if loose else text


def _spread(text: str) -> List[str]:
    """Writes the items of a tuple as arguments of their own."""
    if not text.startswith("("):
        return [f"*{text}"]
    return [ast.unparse(item) for item in ast.parse(text, mode="eval").body.elts]  # type: ignore[attr-defined]


def _named(text: str) -> List[str]:
    """Writes the items of a dictionary as named arguments where their keys are names."""
    node = ast.parse(text, mode="eval").body
    keys = [getattr(key, "value", None) for key in node.keys] if isinstance(node, ast.Dict) else [None]
    if not all(isinstance(key, str) and key.isidentifier() and not keyword.iskeyword(key) for key in keys):
        return [f"**{text}"]
    return [f"{key}={ast.unparse(value)}" for key, value in zip(keys, getattr(node, "values", ()))]


def _is_future(value: Any) -> bool:
    """Whether a value is to be awaited though it is no coroutine."""
    return hasattr(type(value), "__await__") and not inspect.iscoroutine(value)
