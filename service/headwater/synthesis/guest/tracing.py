"""Watches which branches of the file under test a call takes.

An arc is a pair (from line, to line), numbered as coverage.py does: a statement is known by its first line, and leaving
a function is the negative of the line on which it begins.
"""

from __future__ import annotations

import ast
import sys
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Optional, Sequence, Set, Tuple

from .outside import refusal
from .probes import Operands, Probe

Arc = Tuple[int, int]
ASKED = 6
"""How many times a call asks one probe."""


class TooLong(BaseException):
    """A call ran more steps than it may. Not an Exception, so that ordinary handlers let it pass."""


class Tracer:
    """Collects the arcs of one file while a function runs under it."""

    def __init__(
        self,
        filename: str,
        first_lines: Dict[int, int],
        step_limit: int,
        probes: Optional[Mapping[int, Sequence[Probe]]] = None,
    ) -> None:
        """Takes the file, the first line of the statement on each line, how many lines a call may run, and probes."""
        self._probes = probes or {}
        self._asked: Dict[int, int] = {}
        self.operands: List[Operands] = []
        """What was compared and differed in the last run."""
        self.filename = filename
        self._first_lines = first_lines
        self._step_limit = step_limit
        self._steps = 0
        self._arcs: Set[Arc] = set()
        self.refused = ""
        """Which limit of the sandbox the file's code ran into, though it may have caught the exception."""

    def run(self, function: Callable[[], Any]) -> Any:
        """Calls the function and collects its arcs; `arcs` holds them even if it raises."""
        self._arcs = set()
        self._asked = {}
        self.operands = []
        self._steps = 0
        self.refused = ""
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            return function()
        finally:
            if sys.gettrace() != self._enter and self._steps <= self._step_limit:
                self.refused = self.refused or "it recurses too deep to be watched, or stops being watched itself"
            sys.settrace(before)

    @property
    def arcs(self) -> FrozenSet[Arc]:
        """The arcs of the last run."""
        return frozenset(self._arcs)

    def _enter(self, frame: Any, _event: str, _value: Any) -> Optional[Callable[..., Any]]:
        code = frame.f_code
        if code.co_filename != self.filename:
            return None
        arcs, first_lines, probes = self._arcs, self._first_lines, self._probes
        leave = -int(code.co_firstlineno)
        last = leave
        raising = False

        def local(frame: Any, event: str, value: Any) -> Any:
            nonlocal last, raising
            if event == "line":
                self._steps += 1
                if self._steps > self._step_limit:
                    raise TooLong
                raising = False
                number = int(frame.f_lineno or 0)
                if number in probes:
                    self._ask(probes[number], frame)
                line = first_lines.get(number, number)
                if line != last:
                    arcs.add((last, line))
                    last = line
            elif event == "exception":
                raising = True
                self.refused = self.refused or refusal(value[1])
            elif event == "return" and not raising:
                arcs.add((last, leave))
            return local

        return local

    def _ask(self, probes: Sequence[Probe], frame: Any) -> None:
        """Works out the probes of a line, the first times that a call comes to it."""
        scope = None
        for probe in probes:
            times = self._asked[probe.number] = self._asked.get(probe.number, 0) + 1
            if times <= ASKED:
                scope = frame.f_locals if scope is None else scope
                outcome, operands = probe.outcome(scope, frame.f_globals)
                if outcome >= 0:
                    self._arcs.add((probe.number, outcome))
                if operands is not None:
                    self.operands.append(operands)


def statement_lines(tree: ast.Module) -> Dict[int, int]:
    """Maps every line of a statement that spans several to its first."""
    found: Dict[int, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body: List[ast.stmt] = getattr(node, "body", [])
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            for line in range(node.lineno, last + 1):
                found.setdefault(line, node.lineno)
    return found


def decisions(tree: ast.Module) -> Dict[int, int]:
    """Counts the ways on from each line that decides: two for `if`, `for` and `while`, one more per `case`."""
    found: Dict[int, int] = {}
    for node in ast.walk(tree):
        constant = isinstance(getattr(node, "test", None), ast.Constant)
        if isinstance(node, (ast.For, ast.AsyncFor)) or (isinstance(node, (ast.If, ast.While)) and not constant):
            found[node.lineno] = 2
        for case in getattr(node, "cases", []):
            found[case.pattern.lineno] = 2
    return found


def body_lines(tree: ast.Module) -> FrozenSet[int]:
    """Returns the first line of every statement inside a function, docstrings aside."""
    found: Set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for each in ast.walk(ast.Module(body=node.body, type_ignores=[])):
                constant = isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
                if isinstance(each, ast.stmt) and not constant and not isinstance(each, (ast.Global, ast.Nonlocal)):
                    found.add(each.lineno)
    return frozenset(found)


def shared_lines(tree: ast.Module) -> FrozenSet[int]:
    """Returns the lines that importing runs though a function's body is on them: `def f(x): return x`, lambdas."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    found = {node.body[0].lineno for node in nodes if node.body[0].lineno == node.lineno}
    return frozenset(found | {node.lineno for node in ast.walk(tree) if isinstance(node, ast.Lambda)})


def taken(arcs: FrozenSet[Arc], ways: Mapping[int, int]) -> int:
    """Counts the branches among arcs."""
    count: Dict[int, int] = {}
    for start, _ in arcs:
        if start in ways:
            count[start] = count.get(start, 0) + 1
    return sum(min(number, ways[line]) for line, number in count.items())
