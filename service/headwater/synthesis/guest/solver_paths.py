"""Walks the paths of a call with unknowns, in a process of its own, and says which values lead to what is left.

The only part that knows CrossHair, which runs the call with symbolic values, asks Z3 at each decision which way is
possible, and takes another each time. It replaces parts of the interpreter while it is at work.
"""

# CrossHair is an extra: it is imported by name, and its objects have any type. So have the values of strangers.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from __future__ import annotations

import importlib
import inspect
import itertools
import math
import os
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, FrozenSet, Mapping, Set, Tuple

from .expressions import Expressions
from .names import Names
from .solver_templates import Template
from .tracing import Arc

ITEMS = 20
"""Items drawn from an iterator that a call returns."""


@dataclass(frozen=True)
class Left:
    """What the search did not reach of what a target can come to."""

    ways: Mapping[int, int]
    """How many ways on are left of the decisions on a line."""
    lines: FrozenSet[int]
    wanted: Callable[[FrozenSet[Arc]], FrozenSet[Arc]]
    """Tells which arcs nobody reached."""
    found: FrozenSet[Arc] = frozenset()
    """What was reached since."""

    def is_news(self, arc: Arc) -> bool:
        """Whether an arc is what is looked for."""
        near = arc[0] in self.ways or arc[1] in self.lines
        return near and arc not in self.found and bool(self.wanted(frozenset({arc})))

    def without(self, arcs: FrozenSet[Arc]) -> Left:
        """Returns what is left once those arcs are reached as well."""
        starts = [start for start, _ in arcs - self.found]
        ways = {line: number - starts.count(line) for line, number in self.ways.items()}
        return replace(
            self,
            ways={line: number for line, number in ways.items() if number > 0},
            lines=self.lines - {end for _, end in arcs},
            found=self.found | arcs,
        )


@dataclass(frozen=True)
class Source:
    """The file under test: its name, and the first line of the statement on each line."""

    filename: str
    first_lines: Mapping[int, int]


@dataclass(frozen=True)
class Walker:
    """Writes down what a path needs, and bounds how many are walked."""

    source: Source
    names: Names
    expressions: Expressions

    def walk(
        self, template: Template, left: Left, paths: int, tell: Callable[[Dict[str, str]], None]
    ) -> Tuple[Left, int]:
        """Tells the values of each path that leads to something new; returns what is left, and the paths it took.

        Ends when all is found, every path was walked, or after a number of paths; its process has a clock.
        """
        importlib.import_module("crosshair.auditwall").engage_auditwall()  # what is tried out writes and starts nothing
        core = importlib.import_module("crosshair.core")
        tracers = importlib.import_module("crosshair.tracers")
        function = self.names.evaluate(template.function)
        watch = _watch(tracers, self.source, left)

        def along(given: Any) -> Any:
            with tracers.NoTracing():
                watch.begin()
            with tracers.PushedModule(watch):
                return _drawn(function(*given.args))

        def at_its_end(path: Any, given: Any, *_: Any) -> bool:
            if not watch.news:
                return False
            with core.ExceptionFilter():
                path.detach_path()
                values = core.deep_realize(given)
                with tracers.NoTracing():
                    if self._tell(values.arguments, tell):
                        watch.left = watch.left.without(frozenset(watch.news))
            return not (watch.left.ways or watch.left.lines)

        limits = importlib.import_module("crosshair.options").DEFAULT_OPTIONS.overlay(
            max_iterations=paths, per_condition_timeout=math.inf, per_path_timeout=math.inf, stats=Counter()
        )
        root = importlib.import_module("crosshair.statespace").RootNode()
        core.explore_paths(along, _signature(template), limits, root, at_its_end, lambda: None)
        return watch.left, limits.stats["num_paths"]

    def _tell(self, values: Mapping[str, Any], tell: Callable[[Dict[str, str]], None]) -> bool:
        """Tells values that can be written down; whether they can."""
        texts = {name: self.expressions.text(value) for name, value in values.items()}
        written = {name: text for name, text in texts.items() if text is not None}
        if len(written) < len(texts):
            return False
        tell(written)
        return True


def load(work: int) -> None:
    """Imports the solver, which gives up on a decision after so much work."""
    os.environ["CROSSHAIR_SMT_RLIMIT"] = str(work)
    importlib.import_module("crosshair.core_and_libs")  # it teaches its other modules what the library does


def _signature(template: Template) -> inspect.Signature:
    way = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature([inspect.Parameter(name, way, annotation=kind) for name, kind in template.kinds.items()])


def _drawn(value: Any) -> Any:
    """Draws from an iterator, as the test will."""
    return list(itertools.islice(value, ITEMS)) if hasattr(type(value), "__next__") else value


def _watch(tracers: Any, source: Source, left: Left) -> Any:
    """Makes what CrossHair calls before each instruction, to see which lines follow each other."""

    class Watch(tracers.TracingModule):
        opcodes_wanted = frozenset(range(256))

        def __init__(self) -> None:
            self.left = left
            self.begin()

        def begin(self) -> None:
            self._last: Dict[Any, int] = {}
            self.news: Set[Arc] = set()

        def trace_op(self, frame: Any, _code: Any, _opcode: int) -> None:
            code = frame.f_code
            if code.co_filename != source.filename:
                return
            number = frame.f_lineno or 0
            line = source.first_lines.get(number, number)
            last = self._last.get(code)
            if line != last:
                self._last[code] = line
                arc = (-code.co_firstlineno if last is None else last, line)
                if self.left.is_news(arc):
                    self.news.add(arc)

    return Watch()
