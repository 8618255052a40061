"""The provider that needs no key and no network: it searches inputs in the sandbox and writes what it saw as tests.

Settings: every limit of the search, by the names in `LIMITS`.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from headwater.errors import Problem
from headwater.importing import import_died, not_importable
from headwater.providers import Delta, LeftOut, Note, Reached, Task
from headwater.synthesis import guest
from headwater.synthesis.module import TestModule, Written
from headwater.synthesis.observations import Malformed, Observed, Suspicion, read_observed

LIMITS: Mapping[str, float] = {
    "call_seconds": 0.4,  # one call's time
    "call_steps": 20_000,  # lines of the file under test that one call may run
    "items": 20,  # items drawn from an iterator
    "executions": 200,  # calls for one target in the first round: few, so that each has its turn where calls are slow
    "stall": 300,  # calls without anything new
    "shrink": 60,  # calls spent on making one kept call smaller
    "variety": 6,  # calls kept for another behaviour
    "sequence": 3,  # calls made on an object before the one that is watched
    "rounds": 16,  # times that every target with open branches is searched, each twice as long as the last
    "pace": 2000,  # calls that a second of the budget stands for: with the clock in reserve, a search repeats exactly
    "pool": 40,  # expressions tried for one parameter
    "depth": 6,  # nesting of a value that is written out
    "length": 300,  # characters of a value that is written out
    "attributes": 6,  # attributes of an object that a test asserts
    "solver_seconds": 2.0,  # that a solver, where there is one, looks for what is left of a target; 0 for no solver
    "solver_share": 0.3,  # of the search's time, for all targets
    "solver_pace": 12,  # paths that a second of the budget stands for: with the clock in reserve, its answers repeat
    "solver_paths": 15,  # walked for one call with unknowns, the first time that it is asked
    "solver_work": 200_000,  # steps of reasoning for one decision, as the solver counts them
    "solver_templates": 2,  # calls with unknowns that are made of one target's calls
    "solver_memory_bytes": 1 << 29,  # that the solver may have beyond what the search has
    "rows": 12,  # cases in one parametrised test
    "noticing": 0.25,  # part of the search kept for calls that notice small changes of the code, if it needs so much
    "share": 0.8,  # part of the budget that the search takes; the rest is for judging the last tests
    "reserve_seconds": 4.0,  # what judging the last tests takes at most of a large budget
    "grace_seconds": 2.0,  # what the guest gets beyond its budget before the host ends it
    "restarts": 5,  # times that the search goes on behind a target that took the process down
}
"""The limits of a search and their defaults; a setting of the same name replaces one."""
UNASKED = "some branches are left; with headwater[solver] a solver looks for inputs that reach them"
CATALOGUE = Path(guest.__file__).parents[2] / "sandbox" / "guest" / "pytest_runner"
"""The program that knows what a small change of code is; it can be read in every room."""


class Embedded:
    """Writes tests from what the code did when it was called."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Takes the limits that differ from `LIMITS`."""
        self._limits = {name: settings.get(name, default) for name, default in LIMITS.items()}

    async def stream(self, task: Task) -> AsyncGenerator[Delta, None]:
        """Writes the tests of each target as soon as it was searched.

        Raises Problem FAILED_PRECONDITION `MODULE_NOT_IMPORTABLE`, `IMPORT_TIMEOUT` or `IMPORT_CRASHED`.
        """
        writer = _Writer(task, int(self._limits["rows"]))
        deadline = time.monotonic() + self._seconds(task.budget_seconds)
        calls = task.executions or int(self._seconds(task.budget_seconds) * self._limits["pace"])
        skip: list[str] = []
        search: _Search | None = None
        for _ in range(int(self._limits["restarts"]) + 1):
            left = deadline - time.monotonic()
            if left <= 0 or writer.executions >= calls:
                break
            request = self._request(task, skip, seconds=left, calls=calls - writer.executions)
            events = task.explore(Path(guest.__file__).parent, request, left + self._limits["grace_seconds"])
            search = _Search(writer, skip)
            async with aclosing(events):
                async for event in events:
                    for delta in search.take(event):
                        yield delta
            if search.stopped_by:
                break
        for delta in writer.waiting():
            yield delta
        spent = 0 < task.executions <= writer.executions
        yield writer.last(search.stopped_by if search is not None and search.stopped_by and not spent else "budget")

    def _seconds(self, budget: float) -> float:
        """Returns what of a budget the search takes."""
        return max(budget * self._limits["share"], budget - self._limits["reserve_seconds"])

    def _request(self, task: Task, skip: list[str], *, seconds: float, calls: int) -> Mapping[str, Any]:
        return {
            **self._limits,
            "module": task.module,
            "catalogue": str(CATALOGUE),
            "symbols": list(task.symbols),
            "lines": list(task.line_range) if task.line_range else None,
            "skip": list(skip),
            "missing": _missing(task),
            "seed": task.seed,
            "attempt": task.attempt,
            "budget_seconds": seconds,
            "calls": calls,
            "total_paths": int(calls / self._limits["pace"] * self._limits["solver_pace"]),
            "valuable_first": task.target_count > 0,
        }


def _missing(task: Task) -> Mapping[str, Any] | None:
    """Returns what earlier attempts did not reach; None in the first, whose search looks at everything."""
    if task.attempt == 1:
        return None
    return {"branches": [list(arc) for arc in task.missing_branches or ()], "lines": list(task.missing_lines or ())}


class _Search:
    """One run of the guest: turns its events into deltas, and notes where it stood."""

    def __init__(self, writer: _Writer, skip: list[str]) -> None:
        self._writer = writer
        self._skip = skip
        self._imported = False
        self._current = ""
        self.stopped_by = ""

    def take(self, event: Mapping[str, Any]) -> list[Delta]:
        """Returns the deltas of one event. Raises Problem where the module cannot be imported."""
        kind = event.get("event")
        if kind == "import":
            if event.get("ok") is not True:
                raise _not_importable(self._writer.task, event)
            self._imported = True
            return self._writer.start(event)
        if kind == "target":
            self._current = str(event.get("symbol", ""))
        elif kind == "cases":
            self._skip.append(self._current)
            self._current = ""
            return self._writer.cases(event)
        elif kind == "round":
            return self._writer.waiting()
        elif kind == "finished":
            self.stopped_by = str(event.get("stopped_by", "")) or "exhausted"
            unasked = event.get("unasked") is True and self._writer.task.attempt == 1
            return [Delta(reached=self._writer.reached(event, UNASKED if unasked else "searched"))]
        elif kind == "ended" and not self.stopped_by:
            return self._cut(event)
        return []

    def _cut(self, event: Mapping[str, Any]) -> list[Delta]:
        """Leaves out the target at which the guest died; the next run goes on behind it."""
        outcome, detail = str(event.get("outcome", "")), str(event.get("detail", ""))
        if not self._imported:
            task = self._writer.task
            raise import_died(task.module, outcome=outcome, detail=detail, seconds=task.budget_seconds)
        if not self._current:
            self.stopped_by = "budget"
            return []
        self._skip.append(self._current)
        reason = f"it took the process down: {outcome} {detail}".strip()
        return [Delta(left_out=(LeftOut(about=self._current, reason=reason),))]


class _Writer:
    """The text of the answer."""

    def __init__(self, task: Task, rows: int) -> None:
        self.task = task
        self._module = TestModule(task.module, taken=task.taken_names, rows=rows)
        self._known = {failure.code.strip() for failure in task.failures}
        self.executions = 0
        """Calls that were made so far, by all guests of this answer."""
        self._started = False
        self._written = 0
        self._before = 0
        self._waiting: list[tuple[Written, Observed]] = []

    def start(self, event: Mapping[str, Any]) -> list[Delta]:
        """Writes the header, or warns that there is nothing to test; a further guest's search only goes on."""
        self._before = self.executions
        if self._started:
            return []
        self._started = True
        if not event.get("targets"):
            about = f" under {', '.join(self.task.symbols)}" if self.task.symbols else ""
            return [Delta(warning=f"{self.task.module} offers nothing that can be called{about}.")]
        return [Delta(text=self._module.header(), reached=self.reached(event, f"imported {self.task.module}"))]

    def cases(self, event: Mapping[str, Any]) -> list[Delta]:
        """Writes the tests of one target."""
        try:
            observed = read_observed(event)
        except Malformed as error:
            return [Delta(left_out=(LeftOut(about=str(event.get("symbol", "")), reason=str(error)),))]
        left_out = tuple(LeftOut(about=observed.symbol, reason=reason, code=code) for reason, code in observed.left_out)
        left_out += tuple(self._suspected(each, observed) for each in observed.suspected)
        deltas = [Delta(reached=self.reached(event, observed.symbol), left_out=left_out)]
        try:
            tests = self._module.write(observed)
        except (SyntaxError, ValueError, LookupError) as error:  # what the code under test says of itself may be odd
            reason = f"its tests cannot be written: {type(error).__name__}: {error}"
            return [*deltas, Delta(left_out=(LeftOut(about=observed.symbol, reason=reason),))]
        for written in tests:
            if written.fresh or written.telling or written.support:
                deltas.append(self._test(written, observed))
            else:
                self._waiting.append((written, observed))
        return deltas

    def _suspected(self, suspicion: Suspicion, observed: Observed) -> LeftOut:
        code = self._module.reproduce(suspicion, observed.origins)
        return LeftOut(about=observed.symbol, reason=suspicion.reason, code=code, verdict="suspected_bug")

    def reached(self, event: Mapping[str, Any], message: str) -> Reached:
        """Reads how far the search has come, with what earlier guests did."""
        self.executions = self._before + _number(event, "executions")
        return Reached(
            branches_covered=_number(event, "branches_covered"),
            branches_total=_number(event, "branches_total"),
            executions=self.executions,
            message=message,
        )

    def waiting(self) -> list[Delta]:
        """Writes the tests that reach nothing new; they come after those of all targets that do."""
        found = [self._test(written, observed) for written, observed in self._waiting]
        self._waiting.clear()
        return found

    def last(self, stopped_by: str) -> Delta:
        """Says why the answer ends, and warns if it is empty."""
        nothing = self.task.attempt == 1 and not self._written
        warning = f"No call of {self.task.module} did anything that a test could assert." if nothing else ""
        return Delta(stopped_by=stopped_by if self._written else "exhausted", warning=warning)

    def _test(self, written: Written, observed: Observed) -> Delta:
        if written.text.strip() in self._known:
            return Delta()
        self._written += 1
        whole = "\n\n\n".join(filter(None, (written.support, written.text)))
        imports = self._module.imports(whole, observed.origins)
        note = Note(
            test_name=written.name,
            symbol=written.symbol,
            basis=written.basis,
            basis_detail=written.basis_detail,
            edge_cases=written.edge_cases,
            distinct=True,
            lasting=written.is_law or written.telling,
        )
        return Delta(text=f"{imports}\n\n\n{whole}\n\n\n".lstrip("\n"), notes=(note,), whole=True)


def _number(event: Mapping[str, Any], name: str) -> int:
    value = event.get(name, 0)
    return value if isinstance(value, int) else 0


def _not_importable(task: Task, event: Mapping[str, Any]) -> Problem:
    kind, missing = str(event.get("kind", "")), str(event.get("name") or "")
    detail = f"{kind}: {event.get('detail', '')}"
    return not_importable(task.module, kind=kind, detail=detail, missing=missing, line=event.get("line"))
