"""Finds out which assertions of a test earn their place: those without which it notices fewer mutants, or runs less."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Hashable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from headwater.pipeline import Job
from headwater.pipeline.cases import assertions
from headwater.pipeline.mutants import Kills, kill
from headwater.pipeline.pieces import parse

MOST_ASSERTIONS = 24
"""With more of them a test is left as it is."""
FIRST_SHARE = 0.7
"""Of the time, what the search takes; the rest is for proving what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """Which `assert` statements of a test are needed, by their place among them, and the file without the others.

    `kills` are the mutants that the test notices with any of these sets. Where nothing could be left out, or not for
    certain, all are kept; `reason` says why in the second case. `left` mutants were not tried for want of time.
    """

    kept: tuple[int, ...]
    total: int
    text: str
    kills: frozenset[int] = frozenset()
    left: int = 0
    reason: str = ""


async def needed_assertions(job: Job, text: str, name: str, *, seconds: float) -> Needed:
    """Returns the fewest assertions with which a test of `text` notices and runs what it does with all of them.

    `name` is like `test_a` or `TestCart::test_a`. At least one assertion stays, if only one of another kind, such as
    `pytest.raises`. What was found is run before it is returned. Raises Problem as `kill` does.
    """
    ends = time.monotonic() + seconds
    test = _Test(text, name)
    everything = frozenset(range(len(test.asserts)))
    if len(everything) < 2:  # noqa: PLR2004 — one cannot do without itself
        return _kept(test, everything)
    if len(everything) > MOST_ASSERTIONS:
        return _kept(test, everything, reason=f"it has more than {MOST_ASSERTIONS} assertions")
    sets = [everything, frozenset[int](), *(frozenset([each]) for each in sorted(everything))]
    names = [test.named(number) for number in range(len(sets))]
    found = await kill(job, test.beside(sets), names, seconds=seconds * FIRST_SHARE, matrix=True)
    if any(each not in found.tests for each in names):
        return _kept(test, everything, reason="its assertions do not pass without each other")
    wanted, without, *single = (_shown(found, each) for each in names)
    kept = _fewest(wanted, without, single, least=0 if test.asserts_otherwise else 1)
    kills = found.of(names[0])
    if kept is None:
        return _kept(test, everything, reason="its assertions notice together what none does alone")
    if kept != everything:
        left = max(ends - time.monotonic(), job.aim.test_seconds)
        proof = await kill(job, test.beside([kept]), names[:1], seconds=left, ids=kills, matrix=True)
        if names[0] not in proof.tests or not wanted <= _shown(proof, names[0]):
            return _kept(test, everything, reason="without the others it does less")
    return _kept(test, kept, kills=kills, left=found.left)


def _kept(
    test: _Test, kept: frozenset[int], *, kills: frozenset[int] = frozenset(), left: int = 0, reason: str = ""
) -> Needed:
    return Needed(
        kept=tuple(sorted(kept)),
        total=len(test.asserts),
        text=test.only(kept),
        kills=kills,
        left=left,
        reason=reason,
    )


def _shown(kills: Kills, name: str) -> frozenset[Hashable]:
    """Returns what a test is good for: the mutants that it kills, the lines and the branches that it runs."""
    ran = kills.tests[name]
    return frozenset([("mutant", each) for each in kills.of(name)]) | ran.branches | ran.lines


def _fewest(
    wanted: frozenset[Hashable], without: frozenset[Hashable], single: Sequence[frozenset[Hashable]], *, least: int
) -> frozenset[int] | None:
    """Returns few assertions that show all that is wanted, beside what the test shows without any; None if none do."""
    missing = wanted - without
    kept = set[int]()
    while missing:
        best = max(range(len(single)), key=lambda each: (len(single[each] & missing), -each))
        if not single[best] & missing:
            return None
        kept.add(best)
        missing -= single[best]
    for each in sorted(kept):
        if wanted <= without.union(*(single[other] for other in kept if other != each)):
            kept.discard(each)
    best = max(range(len(single)), key=lambda each: (len(single[each]), -each))
    return frozenset(kept if len(kept) >= least else [best])


class _Test:
    """A test function in its file, as lines."""

    def __init__(self, text: str, name: str) -> None:
        self._lines = text.split("\n")
        self._group, _, self._name = name.rpartition("::")
        self._function = _function(parse(text), [*self._group.split("::"), self._name] if self._group else [self._name])
        self._blocks = [block for block in _blocks(self._function) if any(map(self._is_removable, block))]
        found = (each for block in self._blocks for each in block if self._is_removable(each))
        self.asserts: Sequence[ast.stmt] = sorted(found, key=lambda each: each.lineno)
        """Those that can be left out, in their order."""

    @property
    def asserts_otherwise(self) -> bool:
        """Tells whether something is asserted beside the assertions that can be left out."""
        return len(assertions(ast.unparse(self._function))) > len(self.asserts)

    def named(self, number: int) -> str:
        """Returns the name of a variant."""
        return "::".join(filter(None, [self._group, self._variant(number)]))

    def only(self, kept: AbstractSet[int]) -> str:
        """Returns the file with only these assertions in the test."""
        first, last = self._span
        return "\n".join([*self._lines[:first], *self._body(kept), *self._lines[last:]])

    def beside(self, sets: Iterable[AbstractSet[int]]) -> str:
        """Returns the file with a variant of the test for each set of assertions beside it."""
        _, last = self._span
        lines = self._lines[:last]
        for number, kept in enumerate(sets):
            head = re.compile(rf"(\s*(?:async\s+)?def\s+){re.escape(self._name)}\b")
            lines += ["", *(head.sub(rf"\g<1>{self._variant(number)}", line, count=1) for line in self._body(kept))]
        return "\n".join([*lines, *self._lines[last:]])

    def _variant(self, number: int) -> str:
        return f"{self._name}_variant_{number}"

    @property
    def _span(self) -> tuple[int, int]:
        starts = [self._function.lineno, *(each.lineno for each in self._function.decorator_list)]
        return min(starts) - 1, _end(self._function)

    def _body(self, kept: AbstractSet[int]) -> list[str]:
        """Returns the lines of the test with only these assertions; a block that would be empty passes."""
        gone = {id(each) for number, each in enumerate(self.asserts) if number not in kept}
        lines: dict[int, str] = {number: self._lines[number] for number in range(*self._span)}
        for block in self._blocks:
            empty = all(id(each) in gone for each in block)
            for each in block:
                if id(each) in gone:
                    for number in range(each.lineno - 1, _end(each)):
                        del lines[number]
            if empty:
                lines[block[0].lineno - 1] = " " * block[0].col_offset + "pass"
        return [lines[number] for number in sorted(lines)]

    def _is_removable(self, statement: ast.stmt) -> bool:
        """Tells whether it is an `assert` that shares no line with anything else."""
        if not isinstance(statement, ast.Assert):
            return False
        before = self._lines[statement.lineno - 1].encode()[: statement.col_offset]
        behind = self._lines[_end(statement) - 1].encode()[statement.end_col_offset :].strip()
        return not before.strip() and (not behind or behind.startswith(b"#"))


def _function(tree: ast.Module, path: Sequence[str]) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """Returns the function of that name, in the classes of those names. Raises KeyError where there is none."""
    body = tree.body
    for name in path:
        found = [
            each
            for each in body
            if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and each.name == name
        ]
        if not found:
            break
        if not isinstance(found[-1], ast.ClassDef):
            return found[-1]
        body = found[-1].body
    raise KeyError(f"there is no test {'::'.join(path)} in the file")


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yields the lists of statements in a function, but for those of functions and classes inside it."""
    for name in ("body", "orelse", "finalbody"):
        block: list[ast.stmt] = getattr(node, name, None) or []
        if block:
            yield block
            for each in block:
                if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    yield from _blocks(each)
    for part in [*getattr(node, "handlers", ()), *getattr(node, "cases", ())]:
        yield from _blocks(part)


def _end(node: ast.stmt) -> int:
    assert node.end_lineno is not None
    return node.end_lineno
