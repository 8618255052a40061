"""Writes big reports of made-up projects, as their tools would, for the benchmarks of the coverage analysis.

Every file has the same shape: functions of twenty lines, each with a decision, and about a quarter of it did not run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO

import orjson

BODY = 20
"""Lines of a function; its second decides."""
MISSED = 4
"""Every fourth function did not run."""


def write(format_name: str, path: Path, *, files: int, lines_per_file: int) -> int:
    """Writes a report of a format, and returns its size in bytes."""
    if format_name == "coverage_sqlite":
        _database(path, files, lines_per_file)
    else:
        with path.open("wb", buffering=1 << 20) as out:
            WRITERS[format_name](out, files, lines_per_file)
    return path.stat().st_size


def name(number: int, ending: str) -> str:
    return f"src/room_{number // 100:04}/module_{number:06}.{ending}"


def functions(lines_per_file: int) -> Iterator[tuple[int, int]]:
    """The first line of each function, and how often it ran."""
    for index, first in enumerate(range(1, lines_per_file + 1, BODY)):
        yield first, 0 if index % MISSED == MISSED - 1 else 1 + index % 50


def _each(out: IO[bytes], files: int, ending: str, entry: Callable[[str, int], bytes], lines: int) -> None:
    # One entry serves for all: only the name differs, and readers do not know.
    mark = "\0name\0"
    before, *between, after = entry(mark, lines).split(mark.encode())
    for number in range(files):
        shown = name(number, ending).encode()
        out.write(shown.join([before, *between, after]))


def _lcov(out: IO[bytes], files: int, lines_per_file: int) -> None:
    out.write(b"TN:\n")
    _each(out, files, "c", _lcov_record, lines_per_file)


def _lcov_record(shown: str, lines: int) -> bytes:
    rows = [f"SF:{shown}"]
    rows += [f"FN:{first},function_{first}" for first, _ in functions(lines)]
    rows += [f"FNDA:{hits},function_{first}" for first, hits in functions(lines)]
    for first, hits in functions(lines):
        rows += [f"BRDA:{first + 1},0,0,{hits or '-'}", f"BRDA:{first + 1},0,1,{'0' if hits else '-'}"]
    for first, hits in functions(lines):
        rows += [f"DA:{line},{hits}" for line in range(first, min(first + BODY, lines + 1))]
    return "\n".join([*rows, f"LF:{lines}", "end_of_record\n"]).encode()


def _cobertura(out: IO[bytes], files: int, lines_per_file: int) -> None:
    out.write(
        b'<?xml version="1.0" ?>\n<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">\n'
        b'<coverage version="1.9" timestamp="1700000000" line-rate="0.75" branch-rate="0.375" complexity="0">\n'
        b'<sources><source>/src/shop</source></sources>\n<packages><package name="src" line-rate="0.75" '
        b'branch-rate="0.375" complexity="0"><classes>\n'
    )
    _each(out, files, "py", _cobertura_class, lines_per_file)
    out.write(b"</classes></package></packages></coverage>\n")


def _cobertura_class(shown: str, lines: int) -> bytes:
    rows = [
        f'<class name="module" filename="{shown}" complexity="0" line-rate="0.75" branch-rate="0.375">',
        "\t<methods/>",
        "\t<lines>",
    ]
    for first, hits in functions(lines):
        for line in range(first, min(first + BODY, lines + 1)):
            part = (
                'branch="true" condition-coverage="50% (1/2)"'
                if hits
                else 'branch="true" condition-coverage="0% (0/2)"'
            )
            rows.append(f'\t\t<line number="{line}" hits="{hits}" {part if line == first + 1 else ""}/>')
    return "\n".join([*rows, "\t</lines>", "</class>\n"]).encode()


def _jacoco(out: IO[bytes], files: int, lines_per_file: int) -> None:
    out.write(
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        b'<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">'
        b'<report name="shop"><sessioninfo id="here-1" start="1700000000000" dump="1700000001000"/>'
    )
    for number in range(files):
        out.write(_jacoco_package(number, lines_per_file))
    out.write(b"</report>\n")


def _jacoco_package(number: int, lines: int) -> bytes:
    missed = sum(min(BODY, lines + 1 - first) for first, hits in functions(lines) if not hits)
    counters = f'<counter type="LINE" missed="{missed}" covered="{lines - missed}"/>'
    rows = [f'<package name="org/shop/room{number:06}"><sourcefile name="Module{number:06}.java">']
    for first, hits in functions(lines):
        for line in range(first, min(first + BODY, lines + 1)):
            arms = ('mb="1" cb="1"' if hits else 'mb="2" cb="0"') if line == first + 1 else 'mb="0" cb="0"'
            rows.append(f'<line nr="{line}" mi="{0 if hits else 3}" ci="{3 if hits else 0}" {arms}/>')
    return "".join([*rows, counters, "</sourcefile>", counters, "</package>"]).encode()


def _go(out: IO[bytes], files: int, lines_per_file: int) -> None:
    out.write(b"mode: count\n")
    _each(out, files, "go", _go_blocks, lines_per_file)


def _go_blocks(shown: str, lines: int) -> bytes:
    rows: list[str] = []
    for first, hits in functions(lines):
        rows.append(f"example.org/shop/{shown}:{first}.30,{first + 1}.12 2 {hits}")
        rows.append(f"example.org/shop/{shown}:{first + 1}.12,{first + BODY - 1}.3 {BODY - 3} {hits}")
    return "\n".join([*rows, ""]).encode()


def _istanbul(out: IO[bytes], files: int, lines_per_file: int) -> None:
    out.write(b"{")
    entry = orjson.dumps(_istanbul_file(lines_per_file)).decode()
    for number in range(files):
        shown = f'"/src/shop/{name(number, "js")}"'
        out.write(f'{"," if number else ""}{shown}: {{"path":{shown},{entry[1:]}\n'.encode())
    out.write(b"}\n")


def _istanbul_file(lines: int) -> dict[str, object]:
    def place(first: int, last: int) -> dict[str, object]:
        return {"start": {"line": first, "column": 2}, "end": {"line": last, "column": 40}}

    every = list(functions(lines))
    hits_by_line = {line: hits for first, hits in every for line in range(first, min(first + BODY, lines + 1))}
    return {
        "statementMap": {str(line): place(line, line) for line in hits_by_line},
        "fnMap": {
            str(index): {
                "name": f"function_{first}",
                "decl": place(first, first),
                "loc": place(first, first + BODY - 1),
                "line": first,
            }
            for index, (first, _) in enumerate(every)
        },
        "branchMap": {
            str(index): {
                "loc": place(first + 1, first + 3),
                "type": "if",
                "locations": [place(first + 1, first + 3), place(first + 1, first + 3)],
                "line": first + 1,
            }
            for index, (first, _) in enumerate(every)
        },
        "s": {str(line): hits for line, hits in hits_by_line.items()},
        "f": {str(index): hits for index, (_, hits) in enumerate(every)},
        "b": {str(index): [hits, 0] for index, (_, hits) in enumerate(every)},
    }


def _database(path: Path, files: int, lines_per_file: int) -> None:
    """Writes a `.coverage` with about an arc for each line, as coverage.py itself lays it out."""
    from coverage.sqldata import SCHEMA, SCHEMA_VERSION  # noqa: PLC0415 — only this one needs it

    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.executescript(f"pragma journal_mode = off; pragma synchronous = off; {SCHEMA}")
    database.execute("insert into coverage_schema values (?)", (SCHEMA_VERSION,))
    database.executemany("insert into meta values (?, ?)", (("has_arcs", "1"), ("version", "7.10.0")))
    database.execute("insert into context values (1, '')")
    names = ((number + 1, f"/src/shop/{name(number, 'py')}") for number in range(files))
    database.executemany("insert into file values (?, ?)", names)
    arcs = sorted(_arcs(lines_per_file))
    rows = ((number + 1, 1, first, last) for number in range(files) for first, last in arcs)
    database.executemany("insert into arc values (?, ?, ?, ?)", rows)
    database.commit()
    database.close()


def _arcs(lines: int) -> Iterator[tuple[int, int]]:
    heads = [first for first, _ in functions(lines)]
    yield from zip([-1, *heads], [*heads, -1], strict=True)
    for first, hits in functions(lines):
        inner = range(first + 1, min(first + BODY, lines + 1))
        if hits and inner:
            yield from zip(chain([-first], inner), chain(inner, [-first]), strict=True)


WRITERS: dict[str, Callable[[IO[bytes], int, int], None]] = {
    "cobertura": _cobertura,
    "go_cover": _go,
    "istanbul": _istanbul,
    "jacoco": _jacoco,
    "lcov": _lcov,
}
"""By the format's name; `coverage_sqlite` besides, which writes no stream."""
