"""coverage.py's data file: real ones, and databases that mean harm."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from coverage import CoverageData

from headwater.coverage.formats.coverage_sqlite import Limits, read
from headwater.errors import Code, Problem
from tests.coverage.formats.written import DATA, read_file, report

ARCS = {(-1, 1), (1, 2), (2, -1)}


def measured(path: Path, *, arcs: bool) -> CoverageData:
    data = CoverageData(str(path))
    for context in ("one", "two"):
        data.set_context(context)
        if arcs:
            data.add_arcs({"/src/a.py": ARCS if context == "one" else {(2, 900)}})
        else:
            data.add_lines({"/src/a.py": {1, 2} if context == "one" else {2, 900}})
    data.touch_file("C:\\src\\b.py")
    data.write()
    data.close()
    return data


def changed(path: Path, *statements: str) -> Path:
    measured(path, arcs=True)
    with sqlite3.connect(path) as database:
        database.execute("pragma writable_schema = on")
        for statement in statements:
            database.execute(statement)
    database.close()
    return path


def refusal(path: Path, limits: Limits | None = None) -> Problem:
    with pytest.raises(Problem) as raised:
        list(read(report(path), lambda _: None, limits or Limits()))
    return raised.value


def test_contexts_are_united_in_arcs(tmp_path: Path) -> None:
    measured(tmp_path / ".coverage", arcs=True)
    files, _ = read_file("coverage_sqlite", tmp_path / ".coverage")
    assert files["/src/a.py"].arcs == ARCS | {(2, 900)}
    assert files["/src/a.py"].lines == {1: 1, 2: 1, 900: 1}
    assert files["C:/src/b.py"].arcs == frozenset()
    assert all(file.needs_source for file in files.values())


def test_contexts_are_united_in_lines(tmp_path: Path) -> None:
    measured(tmp_path / ".coverage", arcs=False)
    files, _ = read_file("coverage_sqlite", tmp_path / ".coverage")
    assert files["/src/a.py"].lines == {1: 1, 2: 1, 900: 1}
    assert files["/src/a.py"].arcs is None


def test_reading_changes_nothing_and_leaves_nothing_beside(tmp_path: Path) -> None:
    measured(tmp_path / ".coverage", arcs=True)
    before = (tmp_path / ".coverage").read_bytes()
    read_file("coverage_sqlite", tmp_path / ".coverage")
    assert (tmp_path / ".coverage").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [".coverage"]


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as database:
        database.execute("create table file (id integer primary key, path text)")
    database.close()
    assert "is no data file of coverage.py" in refusal(tmp_path / "other.db").message


def test_another_schema_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path / "old", "update coverage_schema set version = 6")
    assert refusal(path).metadata["place"] == "table coverage_schema"


@pytest.mark.parametrize(
    "statements",
    [
        ("drop table arc", "create view arc as select 1 file_id, 1 context_id, 1 fromno, 2 tono"),
        ("drop table arc", "create virtual table arc using fts5(file_id, context_id, fromno, tono)"),
        ("drop table arc", "create table arc (file_id integer, context_id integer, fromno integer, tono integer)"),
        ("drop table file", "create table file (id integer primary key, name text)"),
        (
            "update file set path = 7 where id = 1",
            "update file set path = x'00' where id = 2",
            "update file set path = null",
        ),
    ],
    ids=("view", "virtual", "no-index", "column", "no-path"),
)
def test_a_hostile_schema_is_refused(statements: tuple[str, ...], tmp_path: Path) -> None:
    assert refusal(changed(tmp_path / "hostile", *statements)).reason == "REPORT_MALFORMED"


def test_a_generated_column_is_not_computed(tmp_path: Path) -> None:
    bomb = "create table file (id integer primary key, path text as (hex(zeroblob(400000000))))"
    path = changed(tmp_path / "hostile", "drop table file", bomb, "insert into file values (1)")
    assert "computed" in refusal(path).message


def test_arcs_between_what_are_no_lines_are_left_out(tmp_path: Path) -> None:
    odd = "insert into arc values (1, 1, 'x', 2), (1, 1, 3, 99999999999), (1, 1, null, null), (1, 1, 1.5, 2)"
    files, notes = read_file("coverage_sqlite", changed(tmp_path / "odd", odd))
    assert files["/src/a.py"].arcs == ARCS | {(2, 900)}
    assert [note.reason for note in notes] == ["REPORT_LINE_OUT_OF_BOUNDS"]


def test_a_question_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    many = "with recursive n(i) as (values (1) union all select i + 1 from n where i < 20000) "
    path = changed(tmp_path / "long", f"insert into arc {many} select 1, 1, i, i + 5000 from n")
    problem = refusal(path, Limits(query_seconds=-1, steps_between_looks=100))
    assert (problem.code, problem.reason) == (Code.DEADLINE_EXCEEDED, "REPORT_TOO_SLOW")


def test_a_damaged_page_is_refused(tmp_path: Path) -> None:
    data = bytearray((DATA / "coverage_sqlite" / "branch" / "report.coverage").read_bytes())
    data[100:4096] = b"\xff" * 3996
    (tmp_path / "damaged").write_bytes(data)
    assert refusal(tmp_path / "damaged").reason == "REPORT_MALFORMED"
