"""Writes a test module piece by piece: each target's tests as soon as they were observed."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from headwater.synthesis.edges import edges
from headwater.synthesis.naming import subject, test_name, unused, value_words
from headwater.synthesis.observations import Case, Observed
from headwater.synthesis.rendering import alike, render, render_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One test function: its text, and what the text does not say."""

    name: str
    symbol: str
    text: str
    basis: str
    basis_detail: str
    edge_cases: tuple[str, ...]


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

    def header(self) -> str:
        """Returns the comment on top."""
        return f"# Tests of {self._module}: what it did when it was run with these inputs.\n"

    def write(self, observed: Observed) -> list[Written]:
        """Writes the tests of one target's cases, tables where they differ in values only."""
        hidden = frozenset(observed.origins) | {"result", "expected"}
        written: list[Written] = []
        for group in _groups(observed.cases, self._rows):
            name = self._name(group)
            text = render(name, group[0], hidden) if len(group) == 1 else render_table(name, group)
            body = text.replace(name, "", 1)
            if body in self._bodies:
                continue
            self._bodies.add(body)
            self._taken.add(name)
            written.append(_written(name, group, text))
        return written

    def imports(self, text: str, origins: Mapping[str, tuple[str, str]]) -> str:
        """Returns the import lines that a text needs and that no earlier text had."""
        used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        needed = {_origin(name, origins) for name in used} - self._imported - {("", "")}
        self._imported |= needed
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

    def _name(self, group: Sequence[Case]) -> str:
        if len(group) == 1:
            return test_name(group[0], self._taken)
        first = group[0]
        if first.error:
            return unused([f"{subject(first)}_raises_{first.error.rpartition('.')[2]}"], self._taken)
        kinds = {value_words(case.checks[0].operator, case.checks[0].text) for case in group}
        kinds = {kind.removeprefix("empty_").removeprefix("negative_").replace("zero", "number") for kind in kinds}
        kind = kinds.pop() if len(kinds) == 1 else "expected_value"
        verb = "is" if first.style == "property" else "returns"
        return unused([f"{subject(first)}_{verb}_{kind}", f"{subject(first)}_{verb}_{kind}_for_more"], self._taken)


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
    )


def _origin(name: str, origins: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Returns the module and what is imported from it; empty for a builtin or a variable."""
    if name in ("pytest", "re", "math", "asyncio", "itertools") and name not in origins:
        return name, ""
    home, attribute = origins.get(name, ("", ""))
    return home, f"{attribute} as {name}" if attribute not in ("", name) else attribute
