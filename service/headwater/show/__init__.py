"""Shows a run to a person: a moving bar on a terminal, plain lines everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType, ModuleType, TracebackType
from typing import BinaryIO, Self, TypeAlias, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from rich.console import Console
from rich.progress import TaskID
from rich.text import Text

from headwater.show import analyze_coverage, generate_project, generate_tests, run
from headwater.show.bar import make_bar
from headwater.show.pen import Json, Lines, Pen
from headwater.show.run import failure, place
from headwater.v1.analyze_coverage_pb2 import AnalyzeCoverageEvent
from headwater.v1.generate_project_pb2 import GenerateProjectEvent

_T = TypeVar("_T")
_Table: TypeAlias = Mapping[str, Callable[[Json, Pen], Lines]]


class Show:
    """Shows the events of one run, in order, on a console.

    Takes events as messages or in their JSON shape (`type` and `sequence` beside the payload's fields). On a terminal
    the last line is a bar with percent, stage and message; elsewhere no control code is written and no line is broken.
    Colours follow the console (`NO_COLOR`), signs its encoding. Use it as a context manager, which clears the bar.

    `most_listed` bounds each list of the summary: dropped tests of a verdict, missing lines, missing branches. The
    summary calls the test file what `named` says, or nothing when that is empty; None leaves the name to the run. The
    kinds of events in `unsaid` are told elsewhere, and are left out.
    """

    def __init__(
        self,
        console: Console,
        *,
        named: str | None = None,
        unsaid: Collection[str] = (),
        most_listed: int = 10,
        bar_from_width: int = 60,
    ) -> None:
        self._console = console
        self._unsaid = unsaid
        self._named = {} if named is None else {"test_file_name": named}
        self._pen = Pen(encoding=console.encoding, most_listed=most_listed)
        self._moving = console.is_terminal and not console.is_dumb_terminal
        self._bar = make_bar(console, bar_from_width) if self._moving else None
        self._task: TaskID | None = None

    def __call__(self, event: Message | Json) -> None:
        """Shows one event."""
        fields = _json(event)
        kind = str(fields.get("type", ""))
        if fields.get("stage") == _DONE:
            return
        lines, doing = _words(event, kind, fields)
        self._move(kind, fields, doing)
        render = lines.get(kind)
        if kind == "complete":
            fields = {**fields, **self._named}
        if render is not None and kind not in self._unsaid and not (self._moving and kind in _IN_THE_BAR):
            self._print(render(fields, self._pen))

    def refusal(self, message: str, remedy: str, reason: str, violations: Sequence[tuple[str, str]] = ()) -> None:
        """Shows why a call was refused; `violations` are pairs of a field and what is wrong with it."""
        self.close()
        self._print(failure(message, remedy, reason, self._pen, violations))

    def close(self) -> None:
        """Takes the bar away; may be called again."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _print(self, lines: Iterable[Text]) -> None:
        for line in lines:
            self._console.print(line, soft_wrap=not self._moving)

    def _move(self, kind: str, fields: Json, doing: Callable[[Json], str]) -> None:
        """Moves the bar, and takes it away at the end of the run."""
        if kind in _TERMINAL:
            self.close()
        if self._bar is None or kind not in _IN_THE_BAR:
            return
        description = self._pen.clean(f"queued: {place(fields)}" if kind == "queued" else doing(fields))
        if self._task is None:
            self._task = self._bar.add_task(description, total=100.0)
            self._bar.start()
        self._bar.update(self._task, description=description, completed=fields.get("percent", fields.get("progress")))


def write_json(event: _T, encode: Callable[[_T], bytes], out: BinaryIO) -> None:
    """Writes an event as one line of JSON and hands it on at once."""
    out.write(encode(event).rstrip(b"\n") + b"\n")
    out.flush()


_IN_THE_BAR = frozenset({"queued", "stage", "progress", "phase_progress"})
_DONE = "done"
"""The stage that says no more than the last event, which follows at once; before an error it would read as success."""

_TERMINAL = frozenset({"complete", "error", "cancelled"})

_OWN: Mapping[ModuleType, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        analyze_coverage: (
            AnalyzeCoverageEvent.DESCRIPTOR.full_name,
            {
                "start": "reports",
                "complete": "formula",
                "progress": "files_analyzed",
                "test": "gaps",
                **dict.fromkeys(("file", "gap", "critical_path"), ""),
            },
        ),
        generate_project: (
            GenerateProjectEvent.DESCRIPTOR.full_name,
            {
                "start": "project_id",
                "complete": "result",
                **dict.fromkeys(("phase_progress", "phase_complete", "file_end", "file_removed", "proof_rung"), ""),
            },
        ),
    }
)
"""The event of each method beside GenerateTests, and what tells its JSON from that of one with the same kind."""


def _words(event: Message | Json, kind: str, fields: Json) -> tuple[_Table, Callable[[Json], str]]:
    """Returns how the events of the run's method read, and how its progress does."""
    method = next((each for each in _OWN if _is_of(each, event, kind, fields)), generate_tests)
    return {**run.LINES, **method.LINES}, method.doing


def _is_of(method: ModuleType, event: Message | Json, kind: str, fields: Json) -> bool:
    name, told = _OWN[method]
    if isinstance(event, Message):
        return event.DESCRIPTOR.full_name == name
    return kind in told and told[kind] in {"", *fields}


def _json(event: Message | Json) -> Json:
    """Returns the event in its JSON shape."""
    if not isinstance(event, Message):
        return event
    kind = event.WhichOneof("event")
    if kind is None:
        return {}
    payload = json_format.MessageToDict(getattr(event, kind), preserving_proto_field_name=True)
    return {"type": kind, **payload}
