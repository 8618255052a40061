"""How the test runners of JavaScript are called, and what their reports say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from headwater.pipeline.languages.places import Places, read_map
from headwater.pipeline.languages.script_tests import BETWEEN
from headwater.pipeline.languages.sites import Ranges
from headwater.pipeline.languages.steps import Done

Count = Callable[[int], int]
"""Says how often the code at an offset in bytes ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run of a test file showed: how many tests passed, and which failed, with the detail."""

    passed: int = 0
    failed: Mapping[str, str] = field(default_factory=dict[str, str])


class Framework(Protocol):
    """A test runner."""

    def command(self, file: str) -> Sequence[str]:
        """Returns the command that runs a test file, which is named relative to the working directory."""
        ...

    def collected(self) -> Sequence[str]:
        """Names the files that it writes its reports to, relative to the working directory."""
        ...

    def report(self, done: Done) -> Report:
        """Reads its report."""
        ...

    def count(self, done: Done, code: str) -> Count:
        """Reads its counts of the file under test."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`node --test`. `loader` are the options that let it read TypeScript; `path` is the file under test."""

    program: str
    path: str
    loader: Sequence[str] = ()

    def command(self, file: str) -> Sequence[str]:
        """Runs the file in one process: --test would start another for it."""
        options = ("--test-reporter=tap", "--test-reporter-destination=.report.tap")
        return [self.program, *options, *self.loader, file]

    def collected(self) -> Sequence[str]:
        """Names the report in TAP."""
        return [".report.tap"]

    def report(self, done: Done) -> Report:
        """Reads TAP."""
        return read_tap(next(iter(done.files.values()), ""))

    def count(self, done: Done, code: str) -> Count:
        """Reads what V8 counted."""
        return _counted_by_v8(done.v8, code, self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitest:
    """`vitest run` with the coverage of the project, v8 or istanbul; `folder` is where its packages are."""

    program: str
    folder: str
    path: str
    kind: str = "v8"

    def command(self, file: str) -> Sequence[str]:
        """Runs one file in one process."""
        return [
            *(self.program, f"{self.folder}/vitest/vitest.mjs", "run", file, "--reporter=json"),
            # Or it asks the resolver for localhost, and there is none inside; and it is not to listen there either.
            *("--api.host=127.0.0.1", "--api.middlewareMode"),
            *("--outputFile=.report.json", "--pool=forks", "--coverage.enabled", f"--coverage.provider={self.kind}"),
            *("--coverage.reporter=json", "--coverage.reportsDirectory=.coverage", "--coverage.reportOnFailure"),
            f"--coverage.include={self.path}",
        ]

    def collected(self) -> Sequence[str]:
        """Names the reports."""
        return [".report.json", ".coverage/coverage-final.json"]

    def report(self, done: Done) -> Report:
        """Reads the report, which is in jest's form."""
        return read_json(_file(done, ".report.json"))

    def count(self, done: Done, code: str) -> Count:
        """Reads istanbul's form."""
        return _counted_by_istanbul(_file(done, "coverage-final.json"), code, self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jest:
    """`jest` with its own coverage; `folder` is where its packages are."""

    program: str
    folder: str
    path: str

    def command(self, file: str) -> Sequence[str]:
        """Runs one file in this process."""
        return [
            *(self.program, f"{self.folder}/jest/bin/jest.js", "--ci", "--runInBand", "--no-watchman", "--json"),
            *("--outputFile=.report.json", "--coverage", "--coverageReporters=json", "--coverageDirectory=.coverage"),
            *(f"--collectCoverageFrom={self.path}", "--cacheDirectory=.cache", "--runTestsByPath", file),
        ]

    def collected(self) -> Sequence[str]:
        """Names the reports."""
        return [".report.json", ".coverage/coverage-final.json"]

    def report(self, done: Done) -> Report:
        """Reads the report."""
        return read_json(_file(done, ".report.json"))

    def count(self, done: Done, code: str) -> Count:
        """Reads istanbul's form."""
        return _counted_by_istanbul(_file(done, "coverage-final.json"), code, self.path)


SUBTEST = re.compile(r"(?P<margin> *)# Subtest: (?P<name>.*)")
RESULT = re.compile(r"(?P<margin> *)(?P<not>not )?ok \d+ - (?P<name>.*?)(?: # (?P<note>[A-Z]{4})\b.*)?(?: # time=\S+)?")
TOTAL = re.compile(r"# pass (\d+)")
ESCAPED = re.compile(r"\\([#\\])")
NOISE = re.compile(
    r"\s*(?:---|\.\.\.|duration_ms:.*|type: .*|location: .*|failureType: .*|code: 'ERR_(?:ASSERTION|TEST)\w*')"
)


def read_tap(text: str) -> Report:
    """Reads the report of node's test runner; one that breaks off counts no test as passed."""
    stack: dict[int, str] = {}
    failed: dict[str, str] = {}
    passed, complete = 0, False
    lines = text.splitlines()
    for number, line in enumerate(lines):
        subtest, result = SUBTEST.fullmatch(line), RESULT.fullmatch(line)
        if subtest:
            depth = len(subtest["margin"]) // 4
            stack = {level: name for level, name in stack.items() if level < depth} | {depth: _plain(subtest["name"])}
        elif result:
            depth = len(result["margin"]) // 4
            above = [name for level, name in sorted(stack.items()) if level < depth]
            if result["not"] and not result["note"]:
                name = BETWEEN.join([*above, _plain(result["name"])])
                failed[name] = _detail(lines[number + 1 :], len(result["margin"]))
        elif match := TOTAL.fullmatch(line):
            passed, complete = int(match[1]), True
    # A group fails because a test in it does.
    inner = {name for name in failed for other in failed if other.startswith(name + BETWEEN)}
    kept = {name: detail for name, detail in failed.items() if name not in inner}
    return Report(passed=passed if complete else 0, failed=kept)


def read_json(text: str) -> Report:
    """Reads the report of jest, and of vitest in jest's form."""
    try:
        whole = _object(json.loads(text or "{}"))
    except ValueError:
        return Report()
    failed: dict[str, str] = {}
    passed = 0
    for file in _objects(whole.get("testResults")):
        results = _objects(file.get("assertionResults"))
        for each in results:
            passed += each.get("status") == "passed"
            if each.get("status") == "failed":
                titles = [*_texts(each.get("ancestorTitles")), str(each.get("title"))]
                failed[BETWEEN.join(titles)] = "\n".join(_texts(each.get("failureMessages")))
        if not results and file.get("status") == "failed":
            failed[""] = str(file.get("message") or "")
    return Report(passed=passed, failed=failed)


def _plain(name: str) -> str:
    return ESCAPED.sub(r"\1", name)


def _detail(lines: Sequence[str], margin: int) -> str:
    """Returns the error of a failed test without what only machines read."""
    found: list[str] = []
    for line in lines:
        if len(line) - len(line.lstrip()) < margin + 2 and line.strip():
            break
        if not NOISE.fullmatch(line) and "node:internal" not in line:
            found.append(line[margin + 2 :])
    return "\n".join(found).strip()


def _file(done: Done, end: str) -> str:
    return next((text for path, text in done.files.items() if path.endswith(end)), "")


def _counted_by_v8(reports: Sequence[Mapping[str, Any]], code: str, path: str) -> Count:
    places = Places(code)
    found = [(Ranges(_v8_ranges(each)), _object(each.get("map"))) for each in reports]
    maps = [
        read_map(_object(known.get("data")), _ints(known.get("lineLengths")), path) if known else None
        for _, known in found
    ]

    def count(at: int) -> int:
        total = 0
        for (ranges, _), mapped in zip(found, maps, strict=True):
            place = places.units(at) if mapped is None else mapped.offset(places.column(at))
            total += ranges.count(place) if place >= 0 else 0
        return total

    return count


def _v8_ranges(report: Mapping[str, Any]) -> Iterator[tuple[int, int, int]]:
    for function in _objects(report.get("functions")):
        for each in _objects(function.get("ranges")):
            start, end, count = (each.get(name) for name in ("startOffset", "endOffset", "count"))
            if isinstance(start, int) and isinstance(end, int) and isinstance(count, int):
                yield start, end, count


def _counted_by_istanbul(text: str, code: str, path: str) -> Count:
    places = Places(code)
    try:
        whole = _object(json.loads(text or "{}"))
    except ValueError:
        whole = _object(None)
    found = [_object(value) for name, value in whole.items() if name == path or name.endswith(f"/{path}")]
    file = found[0] if found else _object(None)
    ranges = Ranges(_istanbul_ranges(file))
    return lambda at: ranges.count(places.column(at))


def _istanbul_ranges(file: Mapping[str, Any]) -> Iterator[tuple[tuple[int, int], tuple[int, int], int]]:
    """Yields functions, statements and branches with their counts; what v8 counted comes as branches alone."""
    branches = _object(file.get("branchMap"))
    by_v8 = all(_object(each).get("type") == "branch" for each in branches.values())
    for kind, counts, key in (("fnMap", "f", "loc"), ("statementMap", "s", "")):
        counted = _object(file.get(counts))
        for number, each in _object(file.get(kind)).items():
            if not by_v8 or (kind == "fnMap" and not branches):
                yield from _range(_object(each).get(key) if key else each, counted.get(number))
    counted = _object(file.get("b"))
    for number, each in branches.items():
        one = _object(each)
        places = _objects(one.get("locations"))
        for place, count in zip(places, _ints(counted.get(number)), strict=False):
            if by_v8 or one.get("type") != "if":
                yield from _range(place, count)


def _range(place: Any, count: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int], int]]:
    start, end = _object(_object(place).get("start")), _object(_object(place).get("end"))
    found = [start.get("line"), start.get("column"), end.get("line"), end.get("column")]
    if isinstance(count, int) and all(isinstance(each, int) for each in found[:3]):
        last = found[3] if isinstance(found[3], int) else 1 << 30
        yield (found[0], found[1]), (found[2], last), count  # type: ignore[misc] — checked above


def _object(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _objects(value: Any) -> Sequence[Mapping[str, Any]]:
    return [cast("Mapping[str, Any]", each) for each in _list(value) if isinstance(each, dict)]


def _texts(value: Any) -> Sequence[str]:
    return [str(each) for each in _list(value)]


def _ints(value: Any) -> Sequence[int]:
    return [each for each in _list(value) if isinstance(each, int)]


def _list(value: Any) -> Sequence[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else ()
