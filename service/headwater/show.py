"""Shows a run to a person: a moving bar on a terminal, plain lines everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TaskID, TaskProgressColumn, TextColumn
from rich.table import Column
from rich.text import Text

Json = Mapping[str, Any]
_T = TypeVar("_T")


class Show:
    """Shows the events of one run, in order, on a console.

    Takes events as messages or in their JSON shape (`type` and `sequence` beside the payload's fields). On a terminal
    the last line is a bar with percent, stage and message; elsewhere no control code is written and no line is broken.
    Colours follow the console (`NO_COLOR`), signs its encoding. Use it as a context manager, which clears the bar.

    `most_listed` bounds each list of the summary: dropped tests of a verdict, missing lines, missing branches.
    """

    def __init__(self, console: Console, *, most_listed: int = 10, bar_from_width: int = 60) -> None:
        self._console = console
        self._pen = _Pen(encoding=console.encoding, most_listed=most_listed)
        self._moving = console.is_terminal and not console.is_dumb_terminal
        self._bar = _bar(console, bar_from_width) if self._moving else None
        self._task: TaskID | None = None

    def __call__(self, event: Message | Json) -> None:
        """Shows one event."""
        fields = _json(event)
        kind = str(fields.get("type", ""))
        self._move(kind, fields)
        render = _LINES.get(kind)
        if render is not None and not (self._moving and kind in _IN_THE_BAR):
            self._print(render(fields, self._pen))

    def refusal(self, message: str, remedy: str, reason: str, violations: Sequence[tuple[str, str]] = ()) -> None:
        """Shows why a call was refused; `violations` are pairs of a field and what is wrong with it."""
        self.close()
        self._print(_failure(message, remedy, reason, self._pen, violations))

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

    def _move(self, kind: str, fields: Json) -> None:
        """Moves the bar, and takes it away at the end of the run."""
        if kind in _TERMINAL:
            self.close()
        if self._bar is None or kind not in _IN_THE_BAR:
            return
        description = self._pen.clean(_doing(kind, fields))
        if self._task is None:
            self._task = self._bar.add_task(description, total=100.0)
            self._bar.start()
        self._bar.update(self._task, description=description, completed=fields.get("percent"))


def write_json(event: _T, encode: Callable[[_T], bytes], out: BinaryIO) -> None:
    """Writes an event as one line of JSON and hands it on at once."""
    out.write(encode(event).rstrip(b"\n") + b"\n")
    out.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pen:
    """Writes what the console can show: signs of its encoding, and no control codes out of strangers' text."""

    encoding: str
    most_listed: int

    def sign(self, name: str) -> str:
        unicode, plain = _SIGNS[name]
        return unicode if self._fits(unicode) else plain

    def clean(self, text: object) -> str:
        shown = "".join(each if each.isprintable() else " " for each in str(text))
        return shown.encode(self.encoding, "replace").decode(self.encoding)

    def text(self, *parts: str | tuple[str, str]) -> Text:
        """Joins cleaned parts, each with a style if it is a pair."""
        pairs = [(part, "") if isinstance(part, str) else part for part in parts]
        return Text.assemble(*((self.clean(text), style) for text, style in pairs))

    def some(self, items: Sequence[str]) -> str:
        """Lists the first items and counts the rest."""
        rest = len(items) - self.most_listed
        return ", ".join(items[: self.most_listed]) + (f" and {rest} more" if rest > 0 else "")

    def _fits(self, text: str) -> bool:
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True


_IN_THE_BAR = frozenset({"queued", "stage", "progress"})
_TERMINAL = frozenset({"complete", "error", "cancelled"})

_SIGNS: Mapping[str, tuple[str, str]] = {"good": ("✓", "ok"), "bad": ("✗", "x"), "to": ("→", "->"), "dot": ("·", "|")}

_Lines = Iterable[Text]


def _json(event: Message | Json) -> Json:
    """Returns the event in its JSON shape."""
    if not isinstance(event, Message):
        return event
    kind = event.WhichOneof("event")
    if kind is None:
        return {}
    payload = json_format.MessageToDict(getattr(event, kind), preserving_proto_field_name=True)
    return {"type": kind, **payload}


def _bar(console: Console, bar_from_width: int) -> Progress:
    # Cropped and not shortened with an ellipsis, which not every encoding has.
    message = TextColumn(
        "{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True, overflow="crop")
    )
    columns: list[ProgressColumn] = [TaskProgressColumn(), message]
    if console.width >= bar_from_width:
        columns.insert(0, BarColumn(bar_width=bar_from_width // 3))
    return Progress(*columns, console=console, transient=True, expand=True)


def _doing(kind: str, fields: Json) -> str:
    """Says in a line what the run does now."""
    if kind == "queued":
        return f"queued: {_place(fields)}"
    parts = [f"{fields.get('stage', '')}: {fields.get('message', '')}".strip(": ")]
    if fields.get("count"):
        parts.append(_count(fields["count"], "test"))
    if fields.get("branches_total"):
        parts.append(f"{fields.get('branches_covered', 0)}/{fields['branches_total']} branches")
    return ", ".join(parts)


def _place(fields: Json) -> str:
    return f"place {fields.get('place', 0)} of {fields.get('waiting', 0)}"


def _start(fields: Json, pen: _Pen) -> _Lines:
    writer = " ".join(filter(None, (fields.get("provider", ""), fields.get("model", ""))))
    dot = f" {pen.sign('dot')} "
    facts = (
        f"{fields.get('language', '')} with {fields.get('framework', '')}",
        f"written by {writer}",
        f"seed {fields.get('seed', 0)}",
        f"sandbox {fields.get('sandbox', '')}",
    )
    yield pen.text((str(fields.get("path", "") or fields.get("module", "")), "bold"), dot + dot.join(facts))


def _queued(fields: Json, pen: _Pen) -> _Lines:
    yield pen.text((f"Queued: {_place(fields)}", "dim"))


def _stage(fields: Json, pen: _Pen) -> _Lines:
    attempt = f" (attempt {fields['attempt']})" if fields.get("attempt", 0) > 1 else ""
    yield pen.text((f"[{fields.get('percent', 0.0):3.0f}%] {_doing('stage', fields)}{attempt}", "dim"))


def _reset(fields: Json, pen: _Pen) -> _Lines:
    yield pen.text((f"Attempt {fields.get('attempt', 0)}: {fields.get('message', '')}", "yellow"))


def _test(fields: Json, pen: _Pen) -> _Lines:
    case: Json = fields.get("test_case", {})
    gain: Json = case.get("gain", {})
    basis = _short(case, "basis")
    gains = ", ".join(
        f"+{_count(len(gain.get(unit, ())), name)}"
        for unit, name in (("lines", "line"), ("branches", "branch"))
        if gain.get(unit)
    )
    facts = [fact for fact in (case.get("symbol", ""), basis, gains) if fact]
    dot = f" {pen.sign('dot')} "
    yield pen.text(
        (pen.sign("good"), "green"), " ", (str(case.get("test_name", "")), "bold"), *(dot + f for f in facts)
    )


def _warning(fields: Json, pen: _Pen) -> _Lines:
    yield pen.text(("! ", "yellow"), _sentence(fields), (f" [{fields.get('reason', '')}]", "dim"))


def _complete(fields: Json, pen: _Pen) -> _Lines:
    tests, dropped = int(fields.get("total", 0)), fields.get("dropped", ())
    yield Text("")
    sign, style = ("good", "bold green") if fields.get("success") else ("bad", "bold red")
    left_out = f", {len(dropped)} dropped" if dropped else ""
    yield pen.text(
        (f"{pen.sign(sign)} {_count(tests, 'test')}", style), left_out, f" in {fields.get('test_file_name')}"
    )
    yield from _coverage(fields.get("coverage_estimate"), pen)
    yield from _dropped(dropped, pen)
    yield from _how(fields.get("metadata", {}), pen)


def _coverage(found: Json | None, pen: _Pen) -> _Lines:
    if found is None:
        return
    parts: list[str] = []
    for unit, covered in (("line", "lines"), ("branch", "branches")):
        share = f"{found.get(f'{covered}_covered', 0)}/{found.get(f'{covered}_total', 0)}"
        parts.append(f"{unit} {found.get(unit, 0.0):.1f}% ({share})")
    formula = "(executed statements + taken branches) / (statements + branches)"
    combined = f"combined {found.get('combined', 0.0):.1f}%"
    yield pen.text(
        ("Coverage: ", "bold"), ", ".join([*parts, combined]), (f" = {formula}, {found.get('formula')}", "dim")
    )
    missing = [
        f"{what} {pen.some(items)}"
        for what, items in (
            ("lines", _ranges(found.get("missing_lines", ()))),
            ("branches", [_branch(each, pen) for each in found.get("missing_branches", ())]),
        )
        if items
    ]
    if missing:
        yield pen.text(("Not covered: ", "bold"), "; ".join(missing))


def _dropped(dropped: Sequence[Json], pen: _Pen) -> _Lines:
    def verdict(each: Json) -> str:
        return _short(each, "verdict")

    for name, group in groupby(sorted(dropped, key=verdict), verdict):
        cases = list(group)
        yield pen.text(("Dropped, ", "bold"), (f"{name}: {len(cases)}", "bold"))
        for each in cases[: pen.most_listed]:
            yield pen.text(f"  {each.get('test_name', '')}: {each.get('reason', '')}")
        if len(cases) > pen.most_listed:
            yield pen.text((f"  and {len(cases) - pen.most_listed} more", "dim"))


def _how(metadata: Json, pen: _Pen) -> _Lines:
    """Says where the work stopped and how long it took."""
    stages: Json = metadata.get("stage_seconds", {})
    longest = sorted(stages.items(), key=lambda item: (-item[1], item[0]))
    spent = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in longest if seconds >= _SHOWN_SECONDS)
    stopped = str(metadata.get("stopped_by", "")).replace("_", " ")
    yield pen.text(("Stopped by: ", "bold"), stopped or "unknown")
    first = metadata.get("first_test_seconds", 0.0)
    parts = [
        f"{sum(stages.values()):.1f} s",
        f"({spent})" if spent else "",
        f"first test after {first:.1f} s" * (first > 0),
    ]
    yield pen.text(("Took: ", "bold"), " ".join(filter(None, parts[:2])), f", {parts[2]}" if parts[2] else "")


_SHOWN_SECONDS = 0.05
"""What rounds to less than a tenth of a second is not worth a word."""


def _error(fields: Json, pen: _Pen) -> _Lines:
    status: Json = fields.get("error", {})
    message = fields.get("message") or status.get("message", "")
    return _failure(message, fields.get("remedy", ""), fields.get("reason", ""), pen)


def _failure(message: str, remedy: str, reason: str, pen: _Pen, violations: Sequence[tuple[str, str]] = ()) -> _Lines:
    yield pen.text((f"{pen.sign('bad')} {message}", "bold red"))
    for field, description in violations:
        yield pen.text(f"  {field}: {description}")
    if remedy:
        yield pen.text(f"  {remedy}")
    if reason:
        yield pen.text((f"  {reason}", "dim"))


def _cancelled(fields: Json, pen: _Pen) -> _Lines:
    message = fields.get("message", "")
    yield pen.text(
        (f"{pen.sign('bad')} Cancelled by {fields.get('origin', '')}", "bold yellow"), message and f": {message}"
    )


def _sentence(fields: Json) -> str:
    return " ".join(filter(None, (fields.get("message", ""), fields.get("remedy", ""))))


def _short(fields: Json, name: str) -> str:
    """Shortens an enum's value: VERDICT_FLAKY becomes flaky."""
    return str(fields.get(name, "")).removeprefix(f"{name.upper()}_").lower().replace("unspecified", "")


def _count(number: int, unit: str) -> str:
    plural = f"{unit}es" if unit.endswith("ch") else f"{unit}s"
    return f"{number} {unit if number == 1 else plural}"


def _ranges(lines: Sequence[int]) -> list[str]:
    """Writes runs of lines as ranges: 3, 7-9."""
    found: list[tuple[int, int]] = []
    for line in sorted(lines):
        if found and line == found[-1][1] + 1:
            found[-1] = (found[-1][0], line)
        else:
            found.append((line, line))
    return [str(first) if first == last else f"{first}-{last}" for first, last in found]


def _branch(branch: Json, pen: _Pen) -> str:
    to = int(branch.get("to_line", 0))
    return f"{branch.get('from_line', 0)}{pen.sign('to')}{to if to > 0 else 'exit'}"


_LINES: Mapping[str, Callable[[Json, _Pen], _Lines]] = {
    "start": _start,
    "queued": _queued,
    "stage": _stage,
    "reset": _reset,
    "test": _test,
    "warning": _warning,
    "complete": _complete,
    "error": _error,
    "cancelled": _cancelled,
}
"""How each kind of event reads as lines; the kinds without one move the bar or are for programs."""
