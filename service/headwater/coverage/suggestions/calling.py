"""Writes how a function of a file is called, in its language, with values for what decides and plain ones else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from headwater.coverage.outline import Outline, Parameter, Symbol
from headwater.coverage.suggestions.conditions import Thing, Value
from headwater.coverage.suggestions.spelling import literal, placeholder, words

SCRIPTS = frozenset({"javascript", "typescript", "tsx"})
_RECEIVERS = frozenset({"self", "cls", "this"})
_CONSTRUCTORS = frozenset({"__init__", "__new__", "constructor", "<init>"})
_BUILT_IN: Mapping[str, str] = {"__len__": "len", "__str__": "str", "__repr__": "repr", "__bool__": "bool"} | {
    "__iter__": "iter",
    "__next__": "next",
    "__hash__": "hash",
}
_MEMBER = re.compile(r"(?P<owner>[A-Za-z_]\w*)\??\.(?P<name>[A-Za-z_]\w*(?:\(\))?)\Z")


class Calling:
    """A function of a file, as a test calls it; without one, the file."""

    def __init__(self, outline: Outline, symbol: Symbol | None, path: str) -> None:
        """Looks at a symbol; a function inside of another is reached by the outer one."""
        self.language = outline.language
        self._by_name = {each.name: each for each in outline.symbols}
        self._outline = outline
        self._path = path
        self.symbol = (
            self._callable(symbol) if symbol is not None else Symbol(name="", kind="module", first=1, last=1, body=1)
        )
        self._inner = symbol is not None and self.symbol is not symbol

    @property
    def subject(self) -> list[str]:
        """The words of what is tested."""
        parts = [part for part in self._parts() if part not in _CONSTRUCTORS]
        return [word for part in parts[-2:] for word in words(part)] or ["module"]

    def write(self, values: Mapping[str, Value]) -> str:
        """Writes the call."""
        owner, _, name = self.symbol.name.rpartition(".")
        given = self._given(self.symbol, {} if self._inner else values)
        owner = owner.strip("()*& ")
        if not owner:
            return f"{name}({given})"
        if name in _CONSTRUCTORS or (self.language in {"java", "c_sharp"} and name == owner.rpartition(".")[2]):
            return self._made(owner, given)
        receiver = self._made(owner, self._given(self._constructor(owner), self._of_receiver(values)))
        if name in _BUILT_IN and self.language == "python":
            return f"{_BUILT_IN[name]}({receiver})"
        return f"{receiver}.{name}({given})"

    def inputs(self, values: Mapping[str, Value]) -> tuple[str, ...]:
        """Says what each name that decides must be."""
        named = {each.name for each in self._parameters(self.symbol)} if not self._inner else set[str]()
        typed = {each.name: each.annotation for each in self._parameters(self.symbol)}
        said: list[str] = []
        for name, value in values.items():
            shown = "an object" if value == Thing() else literal(value, self.language, typed.get(name, ""))
            if name in named and value == Thing():
                continue
            plain = name in named or re.fullmatch(r"[\w.]+", name)
            said.append(f"{name} = {shown}" if plain else f"`{name}` gives {shown}")
        return tuple(said)

    def imported(self) -> str:
        """Writes what loads the file; empty in languages in which that does nothing by itself."""
        if self.language == "python" and self._outline.module:
            return f'importlib.import_module("{self._outline.module}")'
        if self.language in SCRIPTS:
            return f'await import("./{PurePosixPath(self._path).name}")'
        return ""

    def _callable(self, symbol: Symbol) -> Symbol:
        """Returns the outermost function that holds a symbol, which a test can name."""
        parts = symbol.name.split(".")
        for end in range(1, len(parts)):
            outer = self._by_name.get(".".join(parts[:end]))
            if outer is not None and outer.kind in {"function", "method"}:
                return outer
        return symbol

    def _parts(self) -> list[str]:
        return re.findall(r"[\w<>$]+", self.symbol.name)

    def _constructor(self, owner: str) -> Symbol | None:
        names = (*(f"{owner}.{name}" for name in ("__init__", "constructor", "<init>")), f"{owner}.{owner}")
        return next((self._by_name[name] for name in names if name in self._by_name), None)

    def _made(self, owner: str, given: str) -> str:
        if self.language == "python":
            return f"{owner}({given})"
        if self.language == "go":
            return f"(&{owner}{{}})"
        return f"new {owner}({given})"

    def _of_receiver(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Returns what the object itself must have, by the parameters of its constructor that are called so."""
        members = (name.partition(".") for name in values)
        return {
            name.lstrip("_"): values[f"{owner}.{name}"] for owner, dot, name in members if dot and owner in _RECEIVERS
        }

    def _given(self, symbol: Symbol | None, values: Mapping[str, Value]) -> str:
        if symbol is None:
            return ""
        parameters = self._parameters(symbol)
        if self.language == "python":
            return ", ".join(
                f"{each.name}={self._value(each, values)}" for each in parameters if self._needs(each, values)
            )
        while parameters and not self._needs(parameters[-1], values):
            parameters.pop()
        skipped = "undefined" if self.language in SCRIPTS else ""
        return ", ".join(
            self._value(each, values) if self._needs(each, values) or not skipped else skipped for each in parameters
        )

    def _parameters(self, symbol: Symbol) -> list[Parameter]:
        """Returns what a test gives: not the receiver, and nothing that gathers what is left."""
        found = list(symbol.parameters)
        if found and found[0].name in _RECEIVERS:
            del found[0]
        return [each for each in found if each.name.isidentifier()]

    def _needs(self, parameter: Parameter, values: Mapping[str, Value]) -> bool:
        return not parameter.default or any(each == parameter.name for each in _owners(values))

    def _value(self, parameter: Parameter, values: Mapping[str, Value]) -> str:
        members = {
            found["name"]: value
            for name, value in values.items()
            if (found := _MEMBER.match(name)) is not None and found["owner"] == parameter.name
        }
        value = values.get(parameter.name, Thing() if members else parameter)
        if isinstance(value, Parameter):
            return placeholder(parameter, self.language)
        return literal(value, self.language, parameter.annotation, members)


def _owners(values: Mapping[str, Value]) -> Iterator[str]:
    for name in values:
        yield re.split(r"\W", name, maxsplit=1)[0]
