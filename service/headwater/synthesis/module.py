"""Writes a test module piece by piece: each target's tests as soon as they were observed."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from headwater.synthesis.edges import edges
from headwater.synthesis.library import bare_names, with_bare_names
from headwater.synthesis.naming import reproduction_name, table_name, test_name
from headwater.synthesis.observations import Case, Observed, Suspicion
from headwater.synthesis.rendering import render, render_fixture
from headwater.synthesis.tables import alike, render_table
from headwater.synthesis.wording import variable

GLANCE = 40
"""An object whose expression is shorter is made where it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One test function: its text, and what the text does not say."""

    name: str
    symbol: str
    text: str
    basis: str
    basis_detail: str
    edge_cases: tuple[str, ...]
    fresh: bool = True
    """Whether it reaches something that no test before it does; the others can wait."""
    is_law: bool = False
    """Whether it shows what holds for every input."""
    telling: bool = False
    """Whether it notices a change of the code that no test before it does."""
    support: str = ""
    """The fixture that this test is the first to use."""


class TestModule:
    """The text of one test module as it grows."""

    __test__ = False

    def __init__(self, module: str, *, taken: Iterable[str] = (), rows: int) -> None:
        """Takes the module under test, the names of tests that exist, and how long a parametrised table may be."""
        self._module = module
        self._taken = set(taken)
        self._rows = rows
        self._imported: set[tuple[str, str]] = set()
        self._bodies: set[str] = set()
        self._fixtures: dict[str, str] = {}
        self._cases: dict[str, list[Case]] = {}
        """The cases that are written, by their symbols."""

    def header(self) -> str:
        """Returns the comment on top."""
        return f"# Tests of {self._module}: what it did when it was run with these inputs.\n"

    def write(self, observed: Observed) -> list[Written]:
        """Writes the tests of one target's cases, tables where they differ in values only."""
        bare = bare_names(observed.origins)
        hidden = frozenset({*observed.origins, *bare, "result", "expected"})
        written: list[Written] = []
        known = set(self._fixtures)
        self._share(observed.cases, hidden)
        for group in _groups([_without_its_class(each) for each in observed.cases], self._rows):
            name = self._name(group)
            text = with_bare_names(self._text(name, group, hidden), bare)
            body = text.replace(name, "", 1)
            if body in self._bodies:
                continue
            self._bodies.add(body)
            self._taken.add(name)
            self._cases.setdefault(group[0].symbol, []).extend(group)
            receiver = group[0].receiver
            fresh = receiver in self._fixtures and receiver not in known and group[0].shares
            known.add(receiver)
            support = with_bare_names(render_fixture(self._fixtures[receiver], receiver), bare) if fresh else ""
            written.append(replace(_written(name, group, text), support=support))
        return written

    def reproduce(self, suspicion: Suspicion, origins: Mapping[str, tuple[str, str]]) -> str:
        """Writes a module of its own whose one test fails as long as a suspected bug is there."""
        bare = bare_names(origins)
        hidden = frozenset({*origins, *bare, "result", "expected"})
        name = reproduction_name(suspicion.case, suspicion.raised)
        text = with_bare_names(render(name, suspicion.case, hidden), bare)
        return f"{_imports(_origins_in(text, origins))}\n\n\n{text}\n".lstrip("\n")

    def _share(self, cases: Sequence[Case], hidden: AbstractSet[str]) -> None:
        """Makes fixtures of the objects that several tests begin with, where they take more than a glance to read."""
        counts = Counter(case.receiver for case in cases if case.shares)
        for case in cases:
            text, name = case.receiver, variable(case.owner.rpartition(".")[2], hidden)
            often = counts[text] > 1 and len(text) > GLANCE
            if often and text not in self._fixtures and name not in self._fixtures.values():
                self._fixtures[text] = name

    def imports(self, text: str, origins: Mapping[str, tuple[str, str]]) -> str:
        """Returns the import lines that a text needs and that no earlier text had."""
        needed = _origins_in(text, origins) - self._imported
        self._imported |= needed
        return _imports(needed)

    def _text(self, name: str, group: Sequence[Case], hidden: AbstractSet[str]) -> str:
        if len(group) == 1:
            return render(name, group[0], hidden, self._fixtures)
        return render_table(name, group, hidden, self._fixtures)

    def _name(self, group: Sequence[Case]) -> str:
        before = self._cases.get(group[0].symbol, ())
        return test_name(group[0], self._taken, before) if len(group) == 1 else table_name(group, self._taken, before)


def _without_its_class(case: Case) -> Case:
    """Returns the case of a constructor without the check of the class, where there are others: it is in the call."""
    rest = tuple(each for each in case.checks if each.operator != "isinstance")
    return replace(case, checks=rest) if case.style == "construct" and rest else case


def _groups(cases: Sequence[Case], rows: int) -> list[list[Case]]:
    """Puts cases that are alike together, in the order of their first."""
    groups: list[list[Case]] = []
    place: dict[object, int] = {}
    for case in cases:
        shape = alike(case)
        if shape is not None and shape in place and len(groups[place[shape]]) < rows:
            groups[place[shape]].append(case)
            continue
        if shape is not None:
            place[shape] = len(groups)
        groups.append([case])
    return groups


def _written(name: str, group: Sequence[Case], text: str) -> Written:
    found = tuple(dict.fromkeys(edge for case in group for edge in edges(case)))
    details = tuple(dict.fromkeys(case.basis_detail for case in group if case.basis_detail))
    return Written(
        name=name,
        symbol=group[0].symbol,
        text=text,
        basis=group[0].basis,
        basis_detail="; ".join(details),
        edge_cases=found,
        fresh=any(case.fresh for case in group),
        is_law=group[0].is_law,
        telling=any(case.telling for case in group),
    )


def _origins_in(text: str, origins: Mapping[str, tuple[str, str]]) -> set[tuple[str, str]]:
    """Returns what a text mentions of other modules."""
    used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    bare = bare_names(origins)
    return {(bare[name], name) if name in bare else _origin(name, origins) for name in used} - {("", "")}


def _imports(needed: AbstractSet[tuple[str, str]]) -> str:
    homes = sorted({home for home, attribute in needed if attribute})
    return "\n".join(
        [
            *(f"import {home}" for home, attribute in sorted(needed) if not attribute),
            *(
                f"from {home} import {', '.join(sorted(name for of, name in needed if of == home and name))}"
                for home in homes
            ),
        ]
    )


def _origin(name: str, origins: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Returns the module and what is imported from it; empty for a builtin or a variable."""
    if name in ("pytest", "re", "math", "asyncio", "itertools") and name not in origins:
        return name, ""
    home, attribute = origins.get(name, ("", ""))
    return home, f"{attribute} as {name}" if attribute not in ("", name) else attribute
