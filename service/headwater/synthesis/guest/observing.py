"""Says what a call did, as assertions that hold each time.

A check is a subject (`result`, `result.name`, `{self}.items`, `{0}` for the first argument), an operator (`==`, `is`,
`approx`, `isnan`, `isinstance`) and the text of the expected value.
"""


# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import asyncio
import random
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, Optional, Tuple

from .calls import Call, Played
from .expressions import MUTABLE, Expressions
from .inventory import Target, gives_back
from .names import Names
from .stage import Stage
from .tracing import TooLong

PARTS = 3
"""How many parts of something that no expression rebuilds are looked at."""
UNCHANGED = 2
"""How much of an object's state a test asserts where a call returned nothing and changed nothing."""
Check = Tuple[str, str, str]
VARIABLE = re.compile(r"0x[0-9a-fA-F]{4,}|[Uu]sage: |/(?:tmp|home|work|usr|var|root)/|calls-|\bat line \d{4,}")
"""Parts of a text that differ from machine to machine; usage is laid out by the width of the terminal."""


@dataclass(frozen=True)
class Observation:
    """What a call did, stable over two plays."""

    played: Played
    wrap: str = ""
    checks: Tuple[Check, ...] = ()
    error: str = ""
    """The expression of the exception's class."""
    message: str = ""
    """The part of the exception's message that stays the same."""
    output: str = ""
    errors: str = ""
    """What it writes to standard error."""
    changed: bool = False
    """Whether something else than what is returned is different after the call."""


class Unfit(Exception):  # noqa: N818 — an answer, not a failure
    """Says why a call cannot become a test."""


class Suspicious(Unfit):
    """Says what looks like a bug; `hoped` is what the call should have done, None where nothing was promised."""

    def __init__(self, what: str, hoped: Optional[Observation] = None) -> None:
        super().__init__(f"looks like a bug{'' if hoped else ' or a misuse'}: {what}")
        self.what = what
        self.hoped = hoped


class Observer:
    """Plays calls again, and looks closely."""

    def __init__(self, stage: Stage, names: Names, expressions: Expressions, attributes: int) -> None:
        """Takes how many attributes of an object a test may assert."""
        self._stage = stage
        self._names = names
        self._expressions = expressions
        self._attributes = attributes

    def observe(self, call: Call) -> Observation:
        """Plays the call twice and returns what was the same. Raises Unfit if that is nothing to assert."""
        luck = random.getstate()
        first = self.once(call)
        if random.getstate() != luck:
            raise Unfit("it depends on chance")
        second = self.once(call)
        if first.played.kind[:2] != second.played.kind[:2]:
            raise Unfit("its outcome differs from call to call")
        if first.error:
            return _stable_error(first, second)
        checks = tuple(check for check in first.checks if check in second.checks)
        if first.checks and not checks:
            raise Unfit("what it returns differs from call to call")
        output, errors = _same(first.output, second.output), _same(first.errors, second.errors)
        if not output and not errors and all(operator == "isinstance" for _, operator, _ in checks):
            raise Unfit("nothing to assert: what it returns cannot be compared, and nothing else changes")
        changed = first.changed and second.changed
        return Observation(first.played, first.wrap, checks, output=output, errors=errors, changed=changed)

    def once(self, call: Call) -> Observation:
        """Plays the call once and returns what a test would assert. Raises Unfit if there is nothing."""
        before: Dict[str, str] = {}

        def look(receiver: Any, arguments: Tuple[Any, ...]) -> None:
            before.update(self._state(call, receiver, arguments))

        played = self._stage.play(call, look)
        if isinstance(played.error, TooLong):
            raise Unfit("it takes too long")
        if not played.built:
            raise Unfit(f"its arguments cannot be made: {played.error!r}")
        if played.outside:
            raise Unfit(f"{played.outside}, so a test would show the machine and not the code")
        if self._stage.strays():
            raise Unfit("it writes files into the working directory")
        if played.error is not None:
            name = self._names.refer(type(played.error))
            if name is None:
                raise Unfit(f"it raises {type(played.error).__name__}, which a test cannot name")
            said, heard = played.output, played.errors
            return Observation(played, played.wrap, error=name, message=str(played.error), output=said, errors=heard)
        try:
            with self._stage.limited():
                return self._returned(call, played, before)
        except TimeoutError as error:
            raise Unfit("what it leaves behind takes too long to look at") from error

    def _returned(self, call: Call, played: Played, before: Mapping[str, str]) -> Observation:
        """Returns what a test would assert of a call that returned."""
        after = self._state(call, played.receiver, played.arguments)
        changed = tuple((of, _relation(text), text) for of, text in after.items() if before.get(of) != text)
        return Observation(
            played,
            played.wrap,
            (*self._value(call, played, changed), *changed),
            output=played.output,
            errors=played.errors,
            changed=bool(changed),
        )

    def glance(self, call: Call, played: Played) -> Tuple[object, ...]:
        """Returns what tells a call from one that does something else, as far as a test could assert it."""
        said = played.output, played.errors
        if played.error is not None:
            return (type(played.error).__name__, str(played.error), *said)
        with self._stage.limited():
            state = self._state(call, played.receiver, played.arguments)
            return (self._value(call, played, ()), tuple(state.items()), *said)

    def _value(self, call: Call, played: Played, changed: Tuple[Check, ...]) -> Tuple[Check, ...]:
        """Checks of what the call returned; None is worth a check only where nothing else happened."""
        value = played.value
        if value is None and (changed or played.output or played.errors):
            return ()
        if value is None and call.target.changes and call.receiver and not gives_back(call.target.node):
            kept = self._state(call, played.receiver, played.arguments)
            found = [
                (of, _relation(text), text)
                for of, text in kept.items()
                if of.startswith(("{self}", "dict(", "list(", "set(", "len("))
            ]
            if found:
                return tuple(sorted(found, key=lambda check: _distance(check[0], call.target))[:UNCHANGED])
        if played.receiver is not None and value is played.receiver:
            return (("result", "is", "{self}"),)
        if isinstance(value, asyncio.Future):
            return (("result.done()", "is", repr(value.done())),)
        looks = [(f"result.{name}", getattr(value, name)) for name in call.target.looks]
        if looks or call.target.style != "construct":
            return tuple(
                check for of, part in looks or [("result", value)] for check in self._about(of, part, len(looks))
            )
        return tuple(self._object("result", value, 0))

    def _about(self, subject: str, value: Any, depth: int) -> List[Check]:
        if value is None or value is True or value is False:
            return [(subject, "is", repr(value))]
        if self._expressions.is_nan(value):
            return [(subject, "isnan", "")]
        text = self._expressions.text(value)
        if text is not None:
            if VARIABLE.search(text) or _today(text):
                return []
            return [(subject, "approx" if _inexact(value) else "==", text)]
        return self._object(subject, value, depth)

    def _object(self, subject: str, value: Any, depth: int) -> List[Check]:
        """Checks of an object that no expression rebuilds: its class, public attributes, and text."""
        kind = type(value)
        found: List[Check] = []
        if depth < 2:  # noqa: PLR2004 — an attribute of an attribute is as far as a reader follows
            for name in _public(value)[: self._attributes]:
                try:
                    part = getattr(value, name)
                except Exception:  # noqa: BLE001, S112 — a stranger's property may raise anything; it is not asserted
                    continue
                if not callable(part):
                    found += [
                        each for each in self._about(f"{subject}.{name}", part, depth + 1) if each[1] != "isinstance"
                    ]
        if not found and isinstance(value, (list, tuple, dict, set, str, bytes)):
            found.append((f"len({subject})", "==", repr(len(value))))
            found += self._items_of(subject, value, depth)
        if not found and kind.__str__ is not object.__str__ and kind.__module__ != "builtins":
            text = _said(value)
            if text and not VARIABLE.search(text):
                found.append((f"str({subject})", "==", repr(text)))
        name = self._names.refer(kind)
        if name is not None and kind.__module__ != "builtins" and not depth:
            found.insert(0, (subject, "isinstance", name))
        return found

    def _items_of(self, subject: str, value: Any, depth: int) -> Iterator[Check]:
        """Yields checks of the first things in a list that no expression rebuilds."""
        for place, each in enumerate(value[:PARTS]) if type(value) in (list, tuple) and depth < 2 else ():  # noqa: PLR2004 — as far as a reader follows
            nested = depth + (type(each) in (list, tuple))
            checks = self._about(f"{subject}[{place}]", each, nested)
            yield from (check for check in checks if check[1] != "isinstance")

    def _state(self, call: Call, receiver: Any, arguments: Tuple[Any, ...]) -> Dict[str, str]:
        """Texts of everything that a call might change: the object's public attributes, mutable arguments, files."""
        target = call.target
        found: Dict[str, str] = {}
        if any("tmp_path" in text for text in call.texts()):
            found.update(
                (f"(tmp_path / {name!r}).read_text()", repr(text)) for name, text in self._stage.files().items()
            )
        if receiver is not None and target.style != "property":
            for name in _public(receiver)[: self._attributes]:
                try:
                    text = self._expressions.text(getattr(receiver, name))
                except Exception:  # noqa: BLE001, S112 — a stranger's property may raise anything; it is not asserted
                    continue
                if text is None:
                    found.update(
                        self._deeper(f"{{self}}.{name}", vars(receiver).get(name) if _keeps(receiver) else None)
                    )
                elif not VARIABLE.search(text):
                    found[f"{{self}}.{name}"] = text
        found.update(self._items(receiver))
        for index, (parameter, value) in enumerate(zip(target.parameters, arguments)):
            if isinstance(value, MUTABLE) and parameter.how in ("positional", "keyword"):
                text = self._expressions.text(value)
                if text is not None:
                    found[f"{{{index}}}"] = text
        return found

    def _items(self, receiver: Any) -> Iterator[Tuple[str, str]]:
        """Yields what an object holds whose class extends a container."""
        for kind in (dict, list, set):
            if isinstance(receiver, kind) and type(receiver) is not kind:
                text = self._expressions.text(kind(receiver))
                if text is None:
                    yield from self._deeper("{self}", receiver)
                elif not VARIABLE.search(text):
                    yield f"{kind.__name__}({{self}})", text

    def _deeper(self, subject: str, value: Any) -> Iterator[Tuple[str, str]]:
        """Yields what can be said of a value that no expression rebuilds: its size, its keys, what it keeps."""
        parts: List[Tuple[str, Any]] = []
        if isinstance(value, (list, dict, set, frozenset)):
            yield f"len({subject})", repr(len(value))
        if isinstance(value, dict):
            parts += [(f"list({subject})", list(value))]
            for key in [each for each in value if isinstance(each, (str, int))][:PARTS]:
                part = value[key]
                parts += [(f"{subject}[{key!r}]", part)]
                parts += [(f"dict({subject}[{key!r}])", dict(part))] if isinstance(part, dict) else []
        elif _keeps(value) and not isinstance(value, type) and "mock" not in type(value).__module__:
            parts += [
                (f"{subject}.{name}", vars(value)[name]) for name in _public(value)[:PARTS] if name in vars(value)
            ]
        for of, part in parts:
            text = self._expressions.text(part)
            if text is not None and not VARIABLE.search(text) and not _today(text):
                yield of, text


def _distance(subject: str, target: Target) -> int:
    """Ranks a part of an object by what it has to do with a target: called like it, touched by it, or neither."""
    found = re.search(r"\{self\}\.(\w+)", subject)
    if found is None or found.group(1) == target.symbol.rpartition(".")[2]:
        return 0
    return 1 if target.node is not None and found.group(1) in _attributes(target.node) else 2


@lru_cache(maxsize=512)
def _attributes(node: ast.AST) -> FrozenSet[str]:
    """Returns the names of the attributes that a function mentions."""
    return frozenset(each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute))


def _relation(text: str) -> str:
    """Returns how a value is compared: there is but one None, one True and one False."""
    return "is" if text in {"None", "True", "False"} else "=="


def _keeps(value: Any) -> bool:
    """Whether an object keeps its attributes where they can be read without running anything."""
    return isinstance(getattr(value, "__dict__", None), dict)


def _stable_error(first: Observation, second: Observation) -> Observation:
    """Keeps of the message what both plays said, up to the first variable part."""
    common = first.message
    while not second.message.startswith(common):
        common = common[:-1]
    variable = VARIABLE.search(common)
    if variable is not None:
        common = common[: variable.start()]
    line = common.split("\n", 1)[0][:100].rstrip()
    output, errors = _same(first.output, second.output), _same(first.errors, second.errors)
    return Observation(first.played, first.wrap, error=first.error, message=line, output=output, errors=errors)


def _same(first: str, second: str) -> str:
    """Returns what two plays printed alike; nothing where it differs, or would on another machine."""
    return first if first == second and not VARIABLE.search(first) and not _today(first) else ""


def _public(value: Any) -> List[str]:
    """Names of the attributes and properties that an object shows."""
    names = [*getattr(value, "__dict__", ()), *getattr(type(value), "_fields", ())]
    for kind in type(value).__mro__[:-1]:
        slots = vars(kind).get("__slots__", ())
        names += [slots] if isinstance(slots, str) else list(slots)
        names += [name for name, each in vars(kind).items() if isinstance(each, property)]
    return [
        name
        for name in dict.fromkeys(names)
        if isinstance(name, str) and name.isidentifier() and not name.startswith("_")
    ]


def _said(value: Any) -> Optional[str]:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 — a stranger's __str__ may raise anything: then there is nothing to assert
        return None


def _inexact(value: Any) -> bool:
    """Whether a float, or a flat list of them, is better compared with a tolerance."""
    if isinstance(value, (list, tuple)) and value:
        return all(isinstance(part, (int, float)) for part in value) and any(map(_inexact, value))
    return isinstance(value, float) and value == value and abs(value) < 1e15 and round(value, 6) != value  # noqa: PLR0124, PLR2004


def _today(text: str) -> bool:
    """Whether a text depends on the day: it says today's date."""
    today = date.today()  # noqa: DTZ011 — the day as the code under test sees it
    return today.isoformat() in text or f"{today.year}, {today.month}, {today.day}" in text
