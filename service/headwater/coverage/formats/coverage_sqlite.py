"""coverage.py's data file, `.coverage`: SQLite, schema 7. It names what ran; what did not takes the source.

A stranger's database is opened read-only, without its journal, and may only be asked for columns of plain tables:
nothing that it defines (views, triggers, virtual tables, functions in indices) is ever run. Contexts are united.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeVar, cast
from urllib.parse import quote

from headwater.coverage import LINE_BOUND, FileCoverage, Tell
from headwater.coverage.formats import Format
from headwater.coverage.reports import Report, malformed
from headwater.coverage.reports.reading import Reading, clean_path
from headwater.errors import Code, Problem, problem

_MAGIC = b"SQLite format 3\0"
_SCHEMA: Final = 7
_TABLES: Final = ("coverage_schema", "meta", "file", "line_bits", "arc")
_INDEXED: Final = ("line_bits", "arc")
_PLAIN: Final = (
    "typeof(fromno) = 'integer' and typeof(tono) = 'integer' "
    f"and fromno between -{LINE_BOUND} and {LINE_BOUND} and tono between -{LINE_BOUND} and {LINE_BOUND}"
)
_ARCS: Final = f"select case when {_PLAIN} then fromno end, case when {_PLAIN} then tono end from arc where file_id = ?"  # noqa: S608 — of constants
_MASTER: Final = "select type, name, tbl_name, sql from sqlite_master limit 1000"
_PRAGMAS: Final = ("trusted_schema = off", "cell_size_check = on", "query_only = on", "mmap_size = 0")
_FILES: Final = "select id, path from file where id > ? order by id limit 500"
_ALLOWED: Final = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ))
_FUNCTIONS: Final = frozenset(("typeof", "count"))
_Rows = TypeVar("_Rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a stranger's database may take."""

    query_seconds: float = 60.0
    """For one question: at most the largest file's rows."""
    most_blob_bytes: int = LINE_BOUND // 8 + 1
    steps_between_looks: int = 100_000
    """How many of SQLite's steps pass between two looks at the clock."""


DEFAULT_LIMITS: Final = Limits()


def read(report: Report, tell: Tell, limits: Limits = DEFAULT_LIMITS) -> Iterator[FileCoverage]:
    """Yields each measured file, with its executed lines and, where branches were measured, its arcs."""
    reading = Reading(report, tell)
    with _unpacked(report) as path:
        database = _Database(report, path, limits)
        try:
            has_arcs = database.check()
            for done, (number, name) in enumerate(database.files()):
                report.read_bytes = report.size * done // max(1, database.count)
                yield _file(database, reading, number, clean_path(name), has_arcs=has_arcs)
        finally:
            database.close()
        report.read_bytes = report.size


def _file(database: _Database, reading: Reading, number: int, path: str, *, has_arcs: bool) -> FileCoverage:
    if has_arcs:
        arcs = database.arcs(number, reading, path)
        lines = set(chain.from_iterable(arcs))
        executed = {line: 1 for line in sorted(lines) if line > 0}
        return FileCoverage(path=path, lines=executed, arcs=arcs, needs_source=True)
    lines = database.executed(number, reading, path)
    return FileCoverage(path=path, lines=dict.fromkeys(lines, 1), needs_source=True)


@contextmanager
def _unpacked(report: Report) -> Generator[Path]:
    """Gives SQLite a file that it can seek in."""
    if not report.packed():
        yield report.path
        return
    with tempfile.NamedTemporaryFile(suffix=".coverage") as copy:
        with report.open() as stream:
            shutil.copyfileobj(stream, copy, 1 << 20)
        copy.flush()
        yield Path(copy.name)


class _Database:
    """A stranger's database, with questions that cannot do harm."""

    def __init__(self, report: Report, path: Path, limits: Limits) -> None:
        self.count = 0
        self._report = report
        self._limits = limits
        self._until = 0.0
        uri = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
        # Immutable: a journal beside it is not looked for. Another thread may go on with the stream.
        self._connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(limits.most_blob_bytes + 1024, 1 << 20))
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1)
        self._connection.set_progress_handler(self._late, limits.steps_between_looks)
        # A name that is no UTF-8 comes as bytes, and is cleaned like every name.
        self._connection.text_factory = bytes

    def close(self) -> None:
        self._connection.close()

    def check(self) -> bool:
        """Returns whether branches were measured; raises Problem for another schema than coverage.py's 7."""
        for pragma in _PRAGMAS:
            self.ask(f"pragma {pragma}")
        self._connection.set_authorizer(_only_columns)
        found = self.ask(_MASTER)
        tables = {name: sql or b"" for kind, name, _, sql in found if kind == b"table"}
        for table in _TABLES:
            sql = tables.get(table.encode(), b"virtual")
            if b"virtual" in sql.lower().split(b"(")[0]:
                raise self._wrong("its schema", f"it has no table '{table}': it is no data file of coverage.py")
            if any(hidden for *_, hidden in self.ask(f"pragma table_xinfo({table})")):
                raise self._wrong("its schema", f"table '{table}' has columns that are computed")
        versions = self.ask("select version from coverage_schema limit 2")
        if versions != [(_SCHEMA,)]:
            shown = versions[0][0] if versions else "none"
            raise self._wrong("table coverage_schema", f"its schema is {shown!r:.20}, and {_SCHEMA} is read")
        indexed = {table for kind, _, table, _ in found if kind == b"index"}
        for table in _INDEXED:
            # Without it, every file would take a walk through the whole table.
            if table.encode() not in indexed:
                raise self._wrong("its schema", f"table '{table}' lacks the index that coverage.py gives it")
        self.count = self.ask("select count(*) from file")[0][0]
        return self.ask("select value from meta where key = 'has_arcs' limit 1") in ([(b"1",)], [(1,)])

    def files(self) -> Iterator[tuple[int, bytes]]:
        """Yields the measured files, a page at a time."""
        last = -(1 << 63)
        while page := self.ask(_FILES, last):
            for last, name in page:
                if not isinstance(name, bytes):
                    raise self._wrong(f"row {last} of table file", "the path is no text")
                yield last, name

    def arcs(self, file: int, reading: Reading, path: str) -> frozenset[tuple[int, int]]:
        """Returns the jumps in a file, of all contexts."""
        arcs = self._ask(_ARCS, (file,), frozenset[tuple[int, int]])
        if (None, None) in arcs:
            reading.once("REPORT_LINE_OUT_OF_BOUNDS", f"{path} has arcs between what are no lines; they are left out.")
            return arcs - {cast("tuple[int, int]", (None, None))}
        return arcs

    def executed(self, file: int, reading: Reading, path: str) -> list[int]:
        """Returns the lines that ran, in any context."""
        union = 0
        for (bits,) in self.ask("select numbits from line_bits where file_id = ?", file):
            if not isinstance(bits, bytes) or len(bits) > self._limits.most_blob_bytes:
                reading.once("REPORT_LINE_OUT_OF_BOUNDS", f"{path} has lines that are none; they are left out.")
            else:
                union |= int.from_bytes(bits, "little")
        return [line for line, bit in enumerate(reversed(f"{union:b}")) if bit == "1" and 1 <= line <= LINE_BOUND]

    def ask(self, question: str, *values: int) -> list[tuple[Any, ...]]:
        """Returns the rows of an answer."""
        return self._ask(question, values, list)

    def _ask(self, question: str, values: tuple[int, ...], gather: Callable[[Iterable[Any]], _Rows]) -> _Rows:
        """Gathers rows without a step in Python for each; raises Problem for a database that is damaged or slow."""
        self._until = time.monotonic() + self._limits.query_seconds
        try:
            return gather(self._connection.execute(question, values))
        except sqlite3.Error as error:
            raise self._refuse(error) from None

    def _refuse(self, error: sqlite3.Error) -> Problem:
        # An error of the module itself, such as a row that is no text, has no code.
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            return problem(
                Code.DEADLINE_EXCEEDED,
                "REPORT_TOO_SLOW",
                f"{self._report.name}: a question took longer than {self._limits.query_seconds:g} s.",
                "Combine it with `coverage combine`, or leave contexts out.",
                report=self._report.name,
            )
        return self._wrong("its database", f"SQLite says: {error}")

    def _late(self) -> int:
        return time.monotonic() > self._until

    def _wrong(self, place: str, expected: str) -> Problem:
        return malformed(self._report, place, expected)


def _only_columns(action: int, first: str | None, second: str | None, _database: str | None, inner: str | None) -> int:
    """Allows questions for columns and two harmless functions, and nothing from within a view or trigger."""
    harmless = (
        action in _ALLOWED
        or (action == sqlite3.SQLITE_FUNCTION and second in _FUNCTIONS)
        or (action == sqlite3.SQLITE_PRAGMA and first == "table_xinfo")
    )
    return sqlite3.SQLITE_OK if harmless and inner is None else sqlite3.SQLITE_DENY


def _sniff(head: bytes) -> bool:
    return head.startswith(_MAGIC)


FORMAT = Format(
    name="coverage_sqlite",
    title="coverage.py data file (.coverage)",
    sniff=_sniff,
    read=read,
    overall=("lines", "branches"),
)
