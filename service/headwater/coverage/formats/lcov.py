"""LCOV trace files, of geninfo 1 and 2 and of the many tools that write the same.

A record is cut out whole and its runs of `DA` lines are parsed as one JSON text, which costs a fraction of taking them
line by line; a run that is not plain is read line by line after all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import cast

import orjson

from headwater.coverage import LINE_BOUND, FileCoverage, Function, Tell
from headwater.coverage.formats import Format
from headwater.coverage.reports import Report, malformed
from headwater.coverage.reports.reading import HITS_BOUND, Reading, clean_path

_END = b"\nend_of_record"
_CHUNK = 1 << 20
_RUN = re.compile(rb"^(DA|BRDA|FN|FNDA):[^\n]*+(?:\n\1:[^\n]*+){0,65535}+", re.MULTILINE)
"""Lines of one kind, no more at once than fit well into memory."""
_HEAD = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\r?\n)*(?:TN:|SF:)")
_DIGITS = b"0123456789"
_BRANCHES = re.compile(r"^BRDA:([1-9]\d{0,6}),[ef]?(\d+,.+),(-|\d{1,18})$", re.MULTILINE)
_FUNCTIONS = re.compile(r"^FN:([1-9]\d{0,6}),(?:(\d{1,7}),)?(.+)$", re.MULTILINE)
_CALLS = re.compile(r"^FNDA:(\d{1,18}),(.+)$", re.MULTILINE)
_BRANCH = re.compile(r"(\d+),([ef]?)(U?)([^,]+),(.+),(-|\d+)")


def read(report: Report, tell: Tell) -> Iterator[FileCoverage]:
    """Reads record by record; a file that has several, one for each test, is yielded as often."""
    reading = Reading(report, tell)
    for number, text in _records(report):
        record = _Record(reading)
        record.read(number, text)
        if record.file:
            yield record.finish()


def _records(report: Report) -> Iterator[tuple[int, bytes]]:
    """Cuts the report into records, with the number of the line that each begins with."""
    number, held, searched = 1, b"", 0
    with report.open() as stream:
        # As much again as is held, so that a record without an end is not copied for every chunk of it.
        while data := stream.read(max(_CHUNK, len(held))):
            held += data
            start = 0
            while (end := held.find(_END, max(start, searched))) >= 0:
                text = held[start:end]
                yield number, text.replace(b"\r\n", b"\n") if b"\r" in text else text
                number += text.count(b"\n") + 1
                start, searched = end + len(_END), 0
            held = held[start:]
            searched = max(0, len(held) - len(_END))
    rest = [(at, line) for at, line in enumerate(held.split(b"\n"), number) if not _idle(line.strip())]
    if rest:
        raise malformed(report, f"line {rest[-1][0]}", "it ends in the middle of a record: 'end_of_record' was due")


def _idle(line: bytes) -> bool:
    return not line or line.startswith((b"#", b"TN:"))


class _Record:
    """Reads the lines of one record."""

    def __init__(self, reading: Reading) -> None:
        self.file: FileCoverage | None = None
        self._reading = reading
        self._path = "?"
        self._number = 0
        self._lines: dict[int, int] = {}
        self._branches: dict[int, dict[str, int]] = {}
        self._leaders: dict[int | None, tuple[int, int]] = {}
        self._named: dict[str, tuple[int, int]] = {}
        self._calls: dict[str, int] = {}
        self._together: dict[bytes, Callable[[bytes, int], bool]] = {
            b"DA": self._plain_lines,
            b"BRDA": self._plain_branches,
            b"FN": self._plain_functions,
            b"FNDA": self._plain_calls,
        }
        self._others: dict[bytes, Callable[[str], bool]] = {
            b"DA": self._line,
            b"BRDA": self._branch,
            b"FN": self._function,
            b"FNDA": self._called,
            b"FNL": self._group,
            b"FNA": self._alias,
        }

    def read(self, number: int, text: bytes) -> None:
        """Reads a record that begins with the line of that number."""
        at = 0
        for run in _RUN.finditer(text):
            between = text[at : run.start()]
            number += 1 if between == b"\n" else self._singly(number, between)
            body = run[0]
            count = body.count(b"\n")
            if self.file is None or not self._together[run[1]](body, count + 1):
                self._singly(number, body)
            number += count
            at = run.end()
        self._singly(number, text[at:])

    def finish(self) -> FileCoverage:
        """Returns the file, once all is read."""
        file = cast("FileCoverage", self.file)
        file.lines, file.branches = self._lines, self._branches
        file.functions = {
            name: Function(name, first, last, self._calls.get(name, 0)) for name, (first, last) in self._named.items()
        }
        return file

    def _plain_lines(self, run: bytes, count: int) -> bool:
        """Reads a run of `DA` lines at once, if it is as plain as nearly all are."""
        if run.translate(None, _DIGITS) != (b"DA:,\n" * count)[:-1]:
            return False  # a checksum, a count such as 1e+06, a sign, or what is no pair of numbers
        try:
            numbers: list[int] = orjson.loads(b"[" + run[3:].replace(b"\nDA:", b",") + b"]")
        except ValueError:
            return False  # a number without digits, or with too many noughts
        lines = dict(zip(numbers[::2], numbers[1::2], strict=True))
        # A number of too many digits comes as a float, and makes one of the sum.
        total = sum(lines.values())
        bounded = 0 not in lines and max(lines) <= LINE_BOUND and type(total) is int and total <= HITS_BOUND
        if len(lines) != count or not bounded or not self._lines.keys().isdisjoint(lines):
            return False
        if self._lines:
            self._lines.update(lines)
        else:
            self._lines = lines
        return True

    def _plain_branches(self, run: bytes, count: int) -> bool:
        found: list[tuple[str, str, str]] = _BRANCHES.findall(run.decode("utf-8", "replace"))
        if len(found) != count:
            return False
        at, arms = "", dict[str, int]()
        for line, arm, taken in found:
            if line != at:
                at, arms = line, self._branches.setdefault(int(line), {})
            hits = 0 if taken == "-" else int(taken)
            arms[arm] = arms[arm] + hits if arm in arms else hits
        return True

    def _plain_functions(self, run: bytes, count: int) -> bool:
        found: list[tuple[str, str, str]] = _FUNCTIONS.findall(run.decode("utf-8", "replace"))
        named = {name: (int(first), int(last or 0)) for first, last, name in found}
        if len(named) != count:
            return False
        self._named = named | self._named
        return True

    def _plain_calls(self, run: bytes, count: int) -> bool:
        found: list[tuple[str, str]] = _CALLS.findall(run.decode("utf-8", "replace"))
        calls = {name: int(hits) for hits, name in found}
        if len(calls) != count or not self._calls.keys().isdisjoint(calls):
            return False
        self._calls |= calls
        return True

    def _singly(self, number: int, text: bytes) -> int:
        """Reads line by line, and returns how many line ends there were."""
        lines = text.split(b"\n")
        for self._number, line in enumerate(lines, number):
            kind, colon, rest = line.partition(b":")
            if (take := self._others.get(kind)) and colon:
                if self.file is None:
                    raise self._wrong("'SF:' with the name of the file was due before it")
                if not take(rest.decode("utf-8", "replace")):
                    raise self._wrong(f"{line[:60].decode('utf-8', 'replace')!r} is no {kind.decode()} line")
            elif kind == b"SF" and colon:
                self._open(rest)
        return len(lines) - 1

    def _open(self, name: bytes) -> None:
        if self.file is not None:
            raise self._wrong("a second 'SF:' stands in one record, where 'end_of_record' was due")
        self._path = clean_path(name.strip())
        if not self._path:
            raise self._wrong("'SF:' has no name")
        self.file = FileCoverage(path=self._path)

    def _line(self, rest: str) -> bool:
        line, _, after = rest.partition(",")
        number, hits = _whole(line), _count(after.partition(",")[0])
        if number is None or hits is None:
            return False
        if self._reading.believable(number, self._path):
            self._lines[number] = self._lines.get(number, 0) + self._reading.hits(hits, self._path)
        return True

    def _branch(self, rest: str) -> bool:
        found = _BRANCH.fullmatch(rest)
        if not found:
            return False
        line, _, unreachable, block, arm, taken = found.groups()
        if not unreachable and self._reading.believable(int(line[:20]), self._path):
            arms = self._branches.setdefault(int(line), {})
            key = f"{block},{arm}"
            arms[key] = arms.get(key, 0) + (0 if taken == "-" else self._hits(taken))
        return True

    def _function(self, rest: str) -> bool:
        parts = rest.split(",", 2)
        first, last = _whole(parts[0]), _whole(parts[1]) if len(parts) > 2 else None  # noqa: PLR2004 — with an end
        name = rest.partition(",")[2] if last is None else parts[2]
        if first is None or not name:
            return False
        if self._reading.believable(first, self._path):
            self._named.setdefault(name, (first, last or 0))
        return True

    def _called(self, rest: str) -> bool:
        calls, _, name = rest.partition(",")
        hits = _count(calls)
        if hits is None or not name:
            return False
        self._calls[name] = self._calls.get(name, 0) + self._reading.hits(hits, self._path)
        return True

    def _group(self, rest: str) -> bool:
        numbers = [_whole(each) for each in rest.split(",")]
        if len(numbers) not in {2, 3} or None in numbers:
            return False
        index, first, *last = cast("list[int]", numbers)
        self._leaders[index] = (first, last[0] if last else 0)
        return True

    def _alias(self, rest: str) -> bool:
        # `lcov --summary` counts each alias, such as an instance of a template, as it did when each had a line `FN`.
        index, _, called = rest.partition(",")
        number = _whole(index)
        if number not in self._leaders or not self._called(called):
            return False
        first, last = self._leaders[number]
        if self._reading.believable(first, self._path):
            name = called.partition(",")[2]
            self._named.setdefault(name, (first, last))
        return True

    def _hits(self, digits: str) -> int:
        return self._reading.hits(int(digits[:20]), self._path)

    def _wrong(self, expected: str) -> Exception:
        return malformed(self._reading.report, f"line {self._number}", expected)


def _whole(text: str) -> int | None:
    """Takes ASCII digits, with a sign, for a number; so many that it is out of all bounds are cut."""
    digits = text.strip()
    plain = digits.removeprefix("-")
    return int(digits[:20]) if plain.isascii() and plain.isdigit() else None


def _count(text: str) -> float | None:
    """Takes a count, which some tools write as `1e+06` or `3.0`, and others as `-` or `=====` for never."""
    whole = _whole(text)
    if whole is not None:
        return whole
    if text.strip() in {"-", "#####", "====="}:
        return 0
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _sniff(head: bytes) -> bool:
    return bool(_HEAD.match(head))


FORMAT = Format(name="lcov", title="LCOV", sniff=_sniff, read=read, overall=("lines",))
