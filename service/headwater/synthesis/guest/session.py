"""One search from the import to the last target.

The request: `module`; `symbols` and `lines` (what to aim at; empty for all); `skip` (targets that are done or that took
the process down); `missing` (`branches` and `lines` that are still to be reached, null for all);
`seed`, `attempt`; `budget_seconds`, `calls` and the solver's `total_paths`; `valuable_first`; and the limits
`call_seconds`, `call_steps`, `items`, `executions`, `stall`, `shrink`, `variety`, `sequence`, `pool`, `depth`,
`length`, `attributes`; `noticing`, the part of the time that is kept for calls that notice small changes, and
`catalogue`, the folder of what knows such changes.
"""


# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
import time
import traceback
import types
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Optional, Sequence, Set, Tuple

from .expressions import Expressions
from .frontier import Frontier
from .handed import HandedOut
from .inputs import Larder
from .inputs.objects import Objects
from .inventory import Inventory, Target, bound_names, take_inventory
from .laws import laws_of
from .mining import Mining
from .names import Names
from .observing import Observer
from .outside import may_block
from .phases import Means, Phases, Send
from .probes import probes_of
from .search import Search
from .solver import Solver, SolverLimits
from .solver_paths import Source
from .stage import Bounds, Stage
from .tracing import Arc, Tracer, body_lines, decisions, shared_lines, statement_lines


class Session:
    """Imports the module, lists its targets and searches one after the other."""

    def __init__(self, request: Dict[str, Any], send: Send) -> None:
        """Takes the request and where to send events."""
        self._request = request
        self._send = send
        self._deadline = time.monotonic() + float(request["budget_seconds"])
        self._tree = ast.Module(body=[], type_ignores=[])

    def run(self) -> None:
        """Sends every event of the search."""
        imported = self._import()
        if imported is None:
            return
        module, tracer, at_import = imported
        names = Names(module, bound_names(self._tree))
        inventory = take_inventory(module, self._tree, names)
        targets = self._chosen(inventory)
        symbols = {each.symbol for each in targets}
        laws = [each for each in laws_of(inventory) if each.target.symbol in symbols]
        solver = self._solver(module, names)
        means = self._prepare(module, names, inventory, tracer, at_import, solver=solver)
        frontier = means.frontier
        self._send({"event": "import", "ok": True, "targets": [each.symbol for each in targets],
                    "branches_total": frontier.total, "branches_covered": frontier.covered})  # fmt: skip
        means.search.answer(laws)
        try:
            Phases(self._request, self._send, means, self._deadline).run(targets, laws, self._tree)
        finally:
            means.stage.close()
        stopped = "budget" if time.monotonic() > self._deadline else "plateau"
        unasked = solver.is_missing and any(map(frontier.is_open, targets))
        self._send({"event": "finished", "stopped_by": stopped if targets else "exhausted", "unasked": unasked,
                    "branches_total": frontier.total, "branches_covered": frontier.covered,
                    "executions": means.stage.executions})  # fmt: skip

    def _import(self) -> Optional[Tuple[types.ModuleType, Tracer, Set[Arc]]]:
        """Imports the module under the tracer; sends why where it cannot."""
        name = str(self._request["module"])
        try:
            spec = importlib.util.find_spec(name)
            path = spec.origin if spec is not None and spec.origin else ""
            self._tree = ast.parse(Path(path).read_bytes())
            tracer = Tracer(path, statement_lines(self._tree), sys.maxsize)
            module = tracer.run(lambda: importlib.import_module(name))
        except BaseException as error:  # noqa: BLE001 — whatever a stranger's module raises is why it cannot be imported
            self._send(_failed_import(error))
            return None
        steps, probes = int(self._request["call_steps"]), probes_of(self._tree)
        limited = Tracer(str(module.__file__), statement_lines(self._tree), steps, probes)
        shared = shared_lines(self._tree)
        return module, limited, {arc for arc in tracer.arcs if abs(arc[1]) not in shared}

    def _prepare(
        self,
        module: types.ModuleType,
        names: Names,
        inventory: Inventory,
        tracer: Tracer,
        at_import: Set[Arc],
        *,
        solver: Solver,
    ) -> Means:
        request = self._request
        stage = Stage(
            names, tracer, Bounds(float(request["call_seconds"]), int(request["items"]), int(request["length"]))
        )
        expressions = Expressions(names, depth=int(request["depth"]), length=int(request["length"]))
        observer = Observer(stage, names, expressions, int(request["attributes"]))
        mining = Mining(module, self._tree, inventory)
        made = Objects(names, inventory, int(request["pool"]))
        handed = HandedOut(stage.filename, inventory, int(request["pool"]))
        larder = Larder(names, expressions, inventory, mining, int(request["pool"]), made, handed)
        depth = module.__name__.count(".") + Path(str(module.__file__)).name.startswith("__init__.")
        file = Path(str(module.__file__)).resolve()
        root = str(file.parents[depth - 1] if depth else file)
        frontier = Frontier(
            mining,
            ways=decisions(self._tree),
            lines=body_lines(self._tree),
            at_import=frozenset(at_import),
            missing=_missing(request["missing"]),
        )
        search = Search(stage, observer, larder, frontier, solver, folder=root, deadline=self._deadline)
        return Means(search, frontier, stage, observer, names)

    def _solver(self, module: types.ModuleType, names: Names) -> Solver:
        """Makes what is asked for inputs where the search comes to no more."""
        request = self._request
        limits = SolverLimits(
            seconds=float(request["solver_seconds"]),
            total_seconds=float(request["solver_share"]) * float(request["budget_seconds"]),
            total_paths=int(request["total_paths"]),
            paths=int(request["solver_paths"]),
            work=int(request["solver_work"]),
            templates=int(request["solver_templates"]),
            memory_bytes=int(request["solver_memory_bytes"]),
        )
        expressions = Expressions(names, depth=int(request["depth"]), length=int(request["length"]))
        return Solver(Source(str(module.__file__), statement_lines(self._tree)), names, expressions, limits)

    def _chosen(self, inventory: Inventory) -> List[Target]:
        """Selects and orders targets: the public ones as they stand, then the helpers."""
        symbols, lines = self._request["symbols"], self._request["lines"]
        skip = set(self._request["skip"])
        found = [each for each in inventory.targets if each.symbol not in skip and _aimed(each, symbols, lines)]
        if self._request["valuable_first"]:
            found.sort(key=lambda each: -_weight(each))
            found.sort(key=lambda each: each.style != "construct")
        found.sort(key=lambda each: each.private)
        return sorted(found, key=lambda each: may_block(each.node))


def _missing(value: Optional[Dict[str, Any]]) -> Optional[Tuple[FrozenSet[Arc], FrozenSet[int]]]:
    if value is None:
        return None
    return frozenset((int(start), int(end)) for start, end in value["branches"]), frozenset(map(int, value["lines"]))


def _failed_import(error: BaseException) -> Dict[str, Any]:
    """Describes why a module cannot be imported, and on which line of which file."""
    frames: Any = traceback.extract_tb(error.__traceback__)
    outside = [
        frame
        for frame in frames
        if "importlib" not in frame.filename and str(Path(__file__).parent) not in frame.filename
    ]
    line = getattr(error, "lineno", None) or (outside[-1].lineno if outside else 0)
    file = Path(getattr(error, "filename", None) or (outside[-1].filename if outside else "")).name
    return {"event": "import", "ok": False, "kind": type(error).__name__, "name": str(getattr(error, "name", "") or ""),
            "detail": str(error)[:500], "line": int(line or 0), "file": file}  # fmt: skip


def _aimed(target: Target, symbols: Sequence[str], lines: Optional[Sequence[int]]) -> bool:
    """Whether a target is among those asked for; a class stands for all that is in it."""
    if not symbols and not lines:
        return True
    named = any(target.symbol == symbol or target.symbol.startswith(f"{symbol}.") for symbol in symbols)
    needed = target.style == "construct" and any(symbol.startswith(f"{target.symbol}.") for symbol in symbols)
    return named or needed or bool(lines and target.lines[0] <= lines[1] and lines[0] <= target.lines[1])


def _weight(target: Target) -> int:
    """Counts the decisions in a target: what it is worth to test."""
    kinds = (ast.If, ast.For, ast.While, ast.Try, ast.BoolOp, ast.IfExp)
    return sum(isinstance(each, kinds) for each in ast.walk(target.node)) if target.node is not None else 0
