"""Tells how the work on a package goes: to a person on stderr and stdout, or as lines of JSON on stdout."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import click
import orjson
from rich.console import Console

from headwater.gateway.frames import Frames
from headwater.packages.existing import Existing
from headwater.packages.planning import Plan
from headwater.packages.state import Coverage, Row, Share
from headwater.show.package import PackageShow, table
from headwater.store import EventRow
from headwater.v1 import generate_tests_pb2 as pb

WIDE = 1000
"""The columns of what is no terminal, where no line is shortened."""


class PackageTelling:
    """Hears how the work goes, and keeps what becomes of each module. Use it as a context manager around the work."""

    def __init__(self, *, as_json: bool) -> None:
        """Tells a person, or a program where `as_json` is set."""
        self.rows: list[Row] = []
        self._show = None if as_json else PackageShow(Console(stderr=True))
        self._frames = Frames(pb.GenerateTestsEvent)

    def begin(self, source: str, plan: Plan, *, jobs: int) -> None:
        """Tells what is ahead."""
        resumed = sum(item.row is not None and item.row.resumed for item in plan.items)
        facts = {"source": source, "modules": len(plan.items), "resumed": resumed, "jobs": jobs}
        if self._show is not None:
            self._show.begin(facts)
        else:
            _write({"type": "package", **facts})

    def doing(self, words: str) -> None:
        """Tells a person what goes on between the runs."""
        if self._show is not None:
            self._show.doing(words)

    def existing(self, existing: Existing) -> None:
        """Tells how the tests fared that exist."""
        total = _sum([each.coverage for each in existing.covered.values()])
        facts = {
            "files": existing.files,
            "passed": existing.passed,
            "failed": existing.failed,
            "line": round(total.lines.percent, 2) if total else None,
            "branch": round(total.branches.percent, 2) if total else None,
            "why": existing.why,
        }
        if self._show is not None:
            self._show.existing(facts)
        else:
            _write({"type": "existing_tests", **facts})

    def heard(self, module: str, event: Any) -> None:
        """Tells an event of a module's run."""
        kind = event.WhichOneof("event") or ""
        found = self._frames.event(EventRow(event.sequence, kind, event.SerializeToString()))
        if self._show is not None:
            self._show.heard(module, found)
        else:
            _write({**found, "module": module})

    def ended(self, row: Row) -> None:
        """Tells what became of a module."""
        self.rows.append(row)
        if self._show is not None:
            self._show.ended(_json(row))
        else:
            _write({"type": "module", **_json(row)})

    def summarise(self, code: int, *, left: int, seconds: float) -> None:
        """Tells what became of all in so many seconds; `left` modules were not begun."""
        rows = [_json(row) for row in sorted(self.rows, key=lambda row: row.module)]
        total = _json(_total(self.rows, seconds))
        if self._show is None:
            _write({"type": "summary", "exit_code": code, "not_begun": left, "total": total, "modules": rows})
            return
        self._show.close()
        if not rows:
            return
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        click.echo(err=True)
        for line in table(rows, total, width=width, encoding=sys.stdout.encoding):
            click.echo(line)
        for row in rows:
            for bug in row["suspected_bugs"]:
                click.echo(f"Suspected bug in {row['module']}: {bug}")
        if left:
            click.echo(f"Not begun: {left}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._show is not None:
            self._show.close()


def _total(rows: Sequence[Row], seconds: float) -> Row:
    """Returns the row of all modules: their coverage is that of all their lines together."""
    measured = [row for row in rows if row.after is not None]
    before = [row.before for row in measured if row.before is not None]
    return Row(
        module=f"{len(rows)} modules" if len(rows) != 1 else "1 module",
        verdict="tested",
        why=", ".join(f"{number} {verdict}" for verdict, number in Counter(row.verdict for row in rows).most_common()),
        tests=sum(row.tests for row in rows),
        before=_sum(before) if len(before) == len(measured) else None,
        after=_sum([row.after for row in measured if row.after is not None]),
        seconds=seconds,
        suspected_bugs=tuple(bug for row in rows for bug in row.suspected_bugs),
    )


def _sum(parts: Sequence[Coverage]) -> Coverage | None:
    if not parts:
        return None
    return Coverage(lines=_together([each.lines for each in parts]), branches=_together([p.branches for p in parts]))


def _together(parts: Sequence[Share]) -> Share:
    return Share(covered=sum(each.covered for each in parts), total=sum(each.total for each in parts))


def _json(row: Row) -> Mapping[str, Any]:
    return {
        "module": row.module,
        "verdict": row.verdict,
        "why": row.why,
        "reason": row.reason,
        "tests": row.tests,
        "test_file": row.file,
        "before": _coverage(row.before),
        "after": _coverage(row.after),
        "seconds": round(row.seconds, 2),
        "suspected_bugs": row.suspected_bugs,
        "resumed": row.resumed,
    }


def _coverage(found: Coverage | None) -> Mapping[str, Any] | None:
    if found is None:
        return None
    return {
        "line": round(found.lines.percent, 2),
        "branch": round(found.branches.percent, 2),
        "lines_covered": found.lines.covered,
        "lines_total": found.lines.total,
        "branches_covered": found.branches.covered,
        "branches_total": found.branches.total,
    }


def _write(fields: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()
