"""Shows the runs over a package to a person: a bar on a terminal, a line for each module, a table at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import Progress

from headwater.show.bar import make_bar
from headwater.show.generate_tests import doing
from headwater.show.pen import Json, Pen, count

HEADS = ("MODULE", "TESTS", "LINES %", "BRANCHES %", "SECONDS", "")
_GOOD = frozenset({"tested", "nothing to test", "covered already", "nothing to add"})
_ALL = 100.0
_DONE = "done"
"""The stage that says no more than the module's own line, which follows at once."""
_LEAST_WORDS = 20


class PackageShow:
    """Shows how the work goes. Use it as a context manager, which clears the bar."""

    def __init__(self, console: Console, *, bar_from_width: int = 60) -> None:
        """Moves a bar where the console is a terminal; elsewhere no control code is written."""
        self._console = console
        self._pen = Pen(encoding=console.encoding, most_listed=10)
        self._percents: dict[str, float] = {}
        self._total = self._ended = 0
        self._bar: Progress | None = None
        if console.is_terminal and not console.is_dumb_terminal:
            self._bar = make_bar(console, bar_from_width)
            self._task = self._bar.add_task("", total=_ALL)

    def begin(self, facts: Json) -> None:
        """Says what is ahead."""
        self._total = int(facts["modules"])
        parts = [f"{count(self._total, 'module')} of {facts['source']}"]
        if facts["resumed"]:
            parts.append(f"{facts['resumed']} done before")
        left = self._total - int(facts["resumed"])
        if left:
            parts.append(f"{min(int(facts['jobs']), left)} at a time")
        self._print(
            self._pen.text((parts[0], "bold"), "".join(f" {self._pen.sign('dot')} {each}" for each in parts[1:]))
        )
        if self._bar is not None and left:
            self._bar.start()

    def existing(self, facts: Json) -> None:
        """Says how the tests fared that exist."""
        ran = count(int(facts["files"]), "file")
        failed = f", {facts['failed']} failed" if facts["failed"] else ""
        lines = f", which cover {facts['line']:.1f}% of the lines" if facts["line"] is not None else ""
        self._print(self._pen.text(f"Existing tests: {facts['passed']} passed{failed} in {ran}{lines}"))
        if facts["why"]:
            self._print(self._pen.text(("! ", "yellow"), f"Not all of them count: {facts['why']}"))

    def doing(self, words: str) -> None:
        """Says what goes on between the runs."""
        if self._bar is not None:
            self._bar.update(self._task, description=self._pen.clean(words))
            self._bar.start()

    def heard(self, module: str, event: Json) -> None:
        """Moves the bar by an event of a run."""
        if event.get("type") not in {"stage", "progress"} or event.get("stage") == _DONE or self._bar is None:
            return
        percent = float(event.get("percent") or self._percents.get(module, 0.0))
        self._percents[module] = max(percent, self._percents.get(module, 0.0))
        self._move(f"{module}: {doing(event)}")

    def ended(self, row: Json) -> None:
        """Says what became of a module."""
        self._percents.pop(str(row["module"]), None)
        self._ended += 1
        pen, good = self._pen, row["verdict"] in _GOOD
        if not row["resumed"]:
            place = (f"[{self._ended:{len(str(self._total))}}/{self._total}] ", "dim")
            mark = (pen.sign("good" if good else "bad"), "green" if good else "red")
            words = "".join(f" {pen.sign('dot')} {fact}" for fact in _facts(row, pen))
            self._print(pen.text(place, mark, " ", (str(row["module"]), "bold"), words))
        self._move("")

    def close(self) -> None:
        """Takes the bar away; may be called again."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _move(self, words: str) -> None:
        if self._bar is not None and self._total:
            percent = (self._ended * _ALL + sum(self._percents.values())) / self._total
            said = f"{self._ended}/{self._total} {words}" if words else f"{self._ended}/{self._total}"
            self._bar.update(self._task, completed=percent, description=self._pen.clean(said))

    def _print(self, line: Any) -> None:
        self._console.print(line, soft_wrap=self._bar is None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def table(rows: Sequence[Json], total: Json, *, width: int, encoding: str) -> Iterator[str]:
    """Writes the summary: a line for each module, and one for all of them; no line is longer than `width`, if any."""
    pen = Pen(encoding=encoding, most_listed=10)
    *numbers, _ = _cells(total, pen)
    cells = [HEADS, *(_cells(row, pen) for row in rows), (*numbers, str(total["why"]))]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADS) - 1)]
    left = max(_LEAST_WORDS, width - sum(widths) - 2 * len(widths)) if width else 0
    for line in cells:
        head, *rest = (
            text.ljust(size) if column == 0 else text.rjust(size)
            for column, (text, size) in enumerate(zip(line[:-1], widths, strict=True))
        )
        words = line[-1] if not left or len(line[-1]) <= left else f"{line[-1][: left - 3]}..."
        yield pen.clean("  ".join([head, *rest, words])).rstrip()


def _cells(row: Json, pen: Pen) -> tuple[str, ...]:
    words = str(row["verdict"]) + (", done before" if row["resumed"] else "")
    if row["suspected_bugs"]:
        words += f", {count(len(row['suspected_bugs']), 'suspected bug')}"
    why = str(row["why"]) if row["verdict"] not in _GOOD else ""
    seconds = f"{row['seconds']:.1f}" if row["seconds"] and not row["resumed"] else ""
    tests = str(row["tests"]) if row["verdict"] == "tested" or row["tests"] else ""
    return (
        str(row["module"]),
        tests,
        _change(row, "line", pen),
        _change(row, "branch", pen),
        seconds,
        f"{words}: {why}" if why else words,
    )


def _facts(row: Json, pen: Pen) -> Iterator[str]:
    """Says in words what became of a module."""
    if row["verdict"] == "tested":
        yield count(row["tests"], "test")
        yield f"lines {_change(row, 'line', pen)}%, branches {_change(row, 'branch', pen)}%"
        if row["suspected_bugs"]:
            yield count(len(row["suspected_bugs"]), "suspected bug")
    else:
        why = row["why"] if row["verdict"] not in _GOOD else ""
        yield f"{row['verdict']}: {why}" if why else str(row["verdict"])
    if row["seconds"]:
        yield f"{row['seconds']:.1f} s"


def _change(row: Json, unit: str, pen: Pen) -> str:
    """Writes how much is covered, after what was before where that is known."""
    before, after = row["before"], row["after"]
    if after is None:
        return ""
    if before is None:
        return _percent(after[unit])
    return f"{_percent(before[unit])} {pen.sign('to')} {_percent(after[unit])}"


def _percent(value: float) -> str:
    """Writes a percentage, rounded down: 100 says that nothing is missing."""
    return f"{int(value * 10) / 10:.1f}" if value < _ALL else "100"
