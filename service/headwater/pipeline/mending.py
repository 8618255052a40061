"""Mends the mechanical faults of failed tests, a few times each, with what the test file has by then."""

from __future__ import annotations

import ast
from collections import Counter

from headwater.pipeline import Job
from headwater.pipeline.mend import Surroundings, mended_pieces
from headwater.pipeline.pieces import bound_names
from headwater.pipeline.symbols import read_symbols

MENDS = 3
"""How often one test is mended: behind one fault there may be another."""


class Mending:
    """Remembers how often each test of a job was mended."""

    def __init__(self, job: Job) -> None:
        """Mends with the imports and helpers that the job has."""
        self._job = job
        self._mended: Counter[str] = Counter()
        self._symbols = read_symbols(job.aim.source, job.aim.path, job.aim.module)

    def mend(self, name: str, code: str, detail: str) -> str | None:
        """Returns the test's new code, and gives the job the imports and helpers that it needs; None if none helps."""
        if self._mended[name] == MENDS:
            return None
        self._mended[name] += 1
        around = Surroundings(module=self._job.aim.module, symbols=self._symbols, known=self._known())
        found: str | None = None
        for piece in mended_pieces(code, detail, around):
            match piece.kind:
                case "import":
                    self._job.imports.append(piece.code)
                case "helper":
                    self._job.helpers.append(piece.code)
                case "test":
                    found = piece.code
                case _:
                    return None
        return found

    def _known(self) -> frozenset[str]:
        trees = [ast.parse(code) for code in (*self._job.imports, *self._job.helpers)]
        return frozenset(name for tree in trees for statement in tree.body for name in bound_names(statement))
