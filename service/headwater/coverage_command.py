"""The command `headwater coverage`: asks this process or a server, shows the events, writes the result, judges it."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click
import orjson
from google.protobuf.message import Message

from headwater.coverage.changes import read_diff
from headwater.coverage.changes.history import diff_of
from headwater.coverage.outlines import LANGUAGES
from headwater.errors import invalid
from headwater.gateway.encode import encoder_for, shape
from headwater.parcel import Parcel
from headwater.render import FORMS, Analysis
from headwater.render.gates import PLACES, Gate, judge
from headwater.telling import Cancel, Telling, check_out, write
from headwater.v1 import analyze_coverage_pb2 as pb
from headwater.v1 import runs_pb2
from headwater_client import AsyncClient
from headwater_client.coverage import analyze_coverage_request

GATE_MISSED = 3
"""The exit code where the work was done and a threshold is missed."""

LARGEST_SENT = 44 << 20
"""Bytes of reports and source that are sent to a server, which takes 48 MiB a request unless it is told otherwise."""

LARGEST_SHOWN = 1 << 20
"""Bytes of a file that is shown with its gaps."""

STDIN = "-"
"""The name that means the diff comes on stdin."""

ALL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageCommand:
    """The arguments of `headwater coverage`."""

    reports: tuple[Path, ...]
    source: Path | None
    remote_source: str | None
    diff: str | None
    git_range: str | None
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    target: str | None
    fail_under: str | None
    patch_fail_under: str | None
    form: str
    out: Path | None
    files: bool
    max_gaps: int | None
    formula: str | None
    suggest: str | None
    tests_out: Path | None
    budget: float | None
    provider: str | None
    python: Path | None
    connect: Callable[[], AsyncClient] | None
    """Connects to the server that is asked; None for this process."""
    as_json: bool

    async def run(self) -> int:
        """Runs the command and returns its exit code. Raises the Problem or HeadwaterError that refuses it."""
        with Telling(as_json=self.as_json, unsaid=self._unsaid) as telling:
            thresholds = self._check()
            heard = _Heard()
            async with self._asked() as (events, cancel):
                code = await telling.follow(heard.listen(events), cancel)
            if telling.complete is None:
                return code
            gates = judge(telling.complete, **thresholds)
            self._write(telling.complete, heard, gates)
            self._write_tests(telling.complete)
        missed = [gate for gate in gates if not gate.met]
        for gate in missed:
            click.echo(f"headwater: {gate.message}", err=True)
        return GATE_MISSED if missed else code

    @property
    def _unsaid(self) -> frozenset[str]:
        """The kinds of events that stderr leaves out."""
        if self.out is None:
            return SAID_IN_THE_RESULT
        return frozenset() if self.files else frozenset({"file"})

    def _check(self) -> Mapping[str, Decimal | None]:
        """Refuses what could not be read, judged or written, before any work is done; returns the thresholds."""
        thresholds = {
            "total": _threshold("--fail-under", self.fail_under),
            "patch": _threshold("--patch-fail-under", self.patch_fail_under),
        }
        if self.patch_fail_under is not None and not self.diff and not self.git_range:
            remedy = "Add --diff FILE, or --git-range main...HEAD."
            raise invalid("DIFF_NEEDED", "--patch-fail-under", "A patch is judged by what it changes.", remedy)
        for report in self.reports:
            if not report.is_file():
                why = "is a folder" if report.is_dir() else "cannot be read" if report.exists() else "does not exist"
                raise invalid("REPORT_NOT_FOUND", "REPORT", f"{report} {why}.", "Name a coverage report.")
        if self.remote_source is not None and (self.connect is None or self.source is not None):
            message = "--remote-source names a folder on the server that --server asks, instead of --source."
            raise invalid("ARGUMENT_INVALID", "--remote-source", message, "Leave one of them out.")
        if self.git_range is not None and self.diff is not None:
            message = "The change is told twice: as a diff and as a range of commits."
            raise invalid("DIFF_AMBIGUOUS", "--git-range", message, "Give one of them.")
        if self.git_range is not None and self.source is None and self.remote_source is None:
            message = "A range of commits needs a checkout."
            raise invalid("SOURCE_NEEDED", "--git-range", message, "Name the checkout with --source, or give --diff.")
        self._check_tests()
        if self.out is not None:
            check_out(self.out)
        return thresholds

    def _check_tests(self) -> None:
        """Refuses what speaks of tests where none are written."""
        given = {"--tests-out": self.tests_out, "--budget": self.budget, "--provider": self.provider}
        option = next((name for name, value in given.items() if value is not None), None)
        if option is not None and self.suggest != VERIFIED:
            message = f"No tests are written, so {option} says nothing."
            raise invalid("ARGUMENT_INVALID", option, message, "Add --suggest verified.")

    def _write(self, complete: pb.AnalyzeCoverageComplete, heard: _Heard, gates: tuple[Gate, ...]) -> None:
        if self.as_json and self.out is None:
            return
        if self.form == JSON:
            text = orjson.dumps(encoder_for(shape(complete))(complete), option=orjson.OPT_INDENT_2).decode() + "\n"
        else:
            form = FORMS[self.form]
            analysis = Analysis(
                complete=complete,
                files=tuple(heard.files.values()),
                warnings=tuple(heard.warnings),
                gates=gates,
                prefix=self._prefix,
                sources=_texts(self.source, complete) if form.sources and self.source is not None else {},
            )
            text = form.render(analysis if not self.files else analysis.unbounded())
        write(text, self.out)

    def _write_tests(self, complete: pb.AnalyzeCoverageComplete) -> None:
        """Writes the test files; of two of one name the second says in its name which folder it is of."""
        if self.tests_out is None:
            return
        for each in complete.suggested_files:
            target = self.tests_out / Path(each.test_file_name).name
            if target.exists():
                folder = Path(each.file_path).parent.name
                target = target.with_stem(f"{target.stem}_{folder}" if folder else f"{target.stem}_gaps")
            write(each.content, target)

    @asynccontextmanager
    async def _asked(self) -> AsyncGenerator[tuple[AsyncIterator[Message], Cancel]]:
        """Opens the stream of a new run, on the server or in this process, with what cancels a run there."""
        if self.connect is not None:
            request = self._remote_request()
            async with self.connect() as client:
                # A stream is resumed for a minute; a server that is not there is told at once.
                await client.list_providers("embedded")
                async with aclosing(client.analyze_coverage(request=request)) as events:
                    yield aiter(events), client.cancel_run
            return
        from headwater.local import streamed  # noqa: PLC0415 — the service is loaded by those who work here

        roots = {path.resolve().parent for path in self.reports}
        if self.source is not None:
            roots.add(self.source.resolve())
        if self.python is not None:
            roots.add(self.python.absolute().parent)
        request, runs_code = self._local_request(), self.suggest == VERIFIED
        allowed = tuple(sorted(roots))
        async with streamed("AnalyzeCoverage", request, runs_code=runs_code, allow_root=allowed) as streaming:
            yield streaming

    def _local_request(self) -> pb.AnalyzeCoverageRequest:
        reports = [pb.CoverageReport(path=str(path.resolve()), name=path.name) for path in self.reports]
        root = str(self.source.resolve()) if self.source is not None else None
        return self._request(reports, root=root)

    def _remote_request(self) -> pb.AnalyzeCoverageRequest:
        """Sends the reports and, where the code does not lie on the server, the code."""
        remedy = "Compress the reports (gzip), narrow --source or name --remote-source, or work without --server."
        parcel = Parcel(LARGEST_SENT, option="--source", remedy=remedy)
        reports = [pb.CoverageReport(content=parcel.add(path), name=path.name) for path in self.reports]
        if self.source is None:
            return self._request(reports, root=self.remote_source)
        return self._request(reports, files=parcel.add_code(self.source, LANGUAGES))

    def _request(self, reports: list[pb.CoverageReport], **given: Any) -> pb.AnalyzeCoverageRequest:
        target = _threshold("--target", self.target) or _threshold("--fail-under", self.fail_under)
        tabled = self.form in FORMS and FORMS[self.form].files and not (self.as_json and self.out is None)
        fields: Any = {
            **given,
            "diff": self._change(),
            "git_range": self.git_range if self.source is None else None,
            "include": self.include,
            "exclude": self.exclude,
            "target_coverage": float(target) if target is not None else None,
            "max_gaps": self.max_gaps,
            "each_file": self.files or tabled,
            "formula": self.formula,
            "suggest": self.suggest,
            "suggest_budget": self.budget,
            "provider": self.provider.split(",") if self.provider else None,
            "python": str(self.python if self.connect else self.python.absolute()) if self.python else None,
        }
        return analyze_coverage_request(reports, None, fields)

    def _change(self) -> str | None:
        """Returns the diff; a range of the checkout here becomes one, wherever the work is done."""
        if self.git_range is not None and self.source is not None:
            return diff_of(self.source.resolve(), self.git_range)
        if self.diff is None:
            return None
        text = _read_diff(self.diff)
        read_diff(text)  # refuses what is none, before any work is done
        return text

    @property
    def _prefix(self) -> str:
        """Where the source lies below the working directory, which is the repository's for most who run this."""
        if self.source is None:
            return ""
        try:
            below = self.source.resolve().relative_to(Path.cwd()).as_posix()
        except ValueError:  # it lies elsewhere: paths from its top are the best there is
            return ""
        return "" if below == "." else f"{below}/"


JSON = "json"
SAID_IN_THE_RESULT = frozenset({"file", "gap", "critical_path", "complete"})
"""What stdout tells, and stderr need not."""
VERIFIED = "verified"


class _Heard:
    """What a stream tells besides its last event."""

    def __init__(self) -> None:
        self.files: dict[str, pb.CoverageFile] = {}
        self.warnings: list[runs_pb2.Warning] = []

    async def listen(self, events: AsyncIterator[Any]) -> AsyncIterator[Message]:
        """Hands events on, and keeps files and warnings."""
        async for event in events:
            match event.WhichOneof("event"):
                case "file":
                    self.files[event.file.file.file_path] = event.file.file
                case "reset":
                    self.files.pop(event.reset.scope.removeprefix("file:"), None)
                case "warning":
                    self.warnings.append(event.warning)
                case _:
                    pass
            yield event


def _threshold(option: str, given: str | None) -> Decimal | None:
    """Reads a percentage. Raises Problem INVALID_ARGUMENT `THRESHOLD_INVALID`."""
    if given is None:
        return None
    try:
        value = Decimal(given.strip().removesuffix("%"))
        usable = value.is_finite() and 0 <= value <= ALL and value == value.quantize(PLACES)
    except InvalidOperation:
        usable, value = False, Decimal(0)
    if not usable:
        message = f"{given!r} is no percentage from 0 to 100 with at most two places."
        raise invalid("THRESHOLD_INVALID", option, message, f"Write {option} 85, or {option} 84.99.")
    return value


def _read_diff(named: str) -> str:
    """Reads a diff from a file or stdin. Raises Problem INVALID_ARGUMENT `DIFF_NOT_FOUND`."""
    try:
        data = sys.stdin.buffer.read() if named == STDIN else Path(named).read_bytes()
    except OSError as error:
        message = f"{named} could not be read: {error.strerror}."
        raise invalid("DIFF_NOT_FOUND", "--diff", message, "Name what `git diff` wrote, or - for stdin.") from None
    return data.decode("utf-8", "replace")


def _texts(source: Path, complete: pb.AnalyzeCoverageComplete) -> Mapping[str, str]:
    """Reads the files that have gaps; none that is too large or lies outside the folder, whatever a report says."""
    top = source.resolve()
    found: dict[str, str] = {}
    for name in dict.fromkeys(gap.file_path for gap in complete.gaps):
        path = (top / name).resolve()
        if path.is_relative_to(top) and path.is_file() and path.stat().st_size <= LARGEST_SHOWN:
            found[name] = path.read_bytes().decode("utf-8", "replace")
    return found
