"""AnalyzeCoverage requests that cannot be served, and what is said of each."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .bad_requests import archive
from .coverage_samples import (
    ENTITIES,
    EXTERNAL,
    HOSTILE,
    asking,
    cobertura,
    hostile_database,
    inline,
    lcov,
    packed_zeros,
    report,
    slipcover,
    write_shop,
)

GOOD = cobertura()
OWNED = "owned-by-git"
"""The file that a smuggled option would write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A request that is refused: how, and which field is named; {allowed} and {outside} stand for folders."""

    request: dict[str, Any]
    reason: str
    code: str = "INVALID_ARGUMENT"
    field: str = ""
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """A request that is served: what is covered all the same, and which warnings come."""

    request: dict[str, Any]
    lines: tuple[int, int]
    files: tuple[str, ...] = field(default=())
    warnings: tuple[str, ...] = ()


def prepare(folder: Path) -> None:
    """Writes an allowed folder, what lies outside of it, and ways out."""
    allowed = folder / "allowed"
    write_shop(allowed / "shop")
    (folder / "outside.xml").write_bytes(GOOD)
    (allowed / "link.xml").symlink_to(folder / "outside.xml")
    (allowed / "way-out").symlink_to(folder)


def at(path: str) -> dict[str, Any]:
    """Makes a request for a report on the server."""
    return {"reports": [{"path": path}]}


def good(**more: Any) -> dict[str, Any]:
    """Makes a request whose report can be read."""
    return asking(GOOD, **more)


def of(format_name: str, content: bytes) -> dict[str, Any]:
    """Makes a request for a report that is said to be of this format."""
    return {"reports": [report(content, format=format_name)]}


ADMISSION: Mapping[str, Bad] = {
    "empty request": Bad(request={}, reason="REPORT_NEEDED", field="reports"),
    "no bytes": Bad(request={"reports": [{"name": "x"}]}, reason="REPORT_EMPTY", field="reports[0].content"),
    "blank": Bad(request=asking(b" \n\n"), reason="REPORT_EMPTY", field="reports[0].content"),
    "no report": Bad(request=asking(b"hello"), reason="REPORT_UNKNOWN", field="reports[0].content", says=("LCOV",)),
    "binary": Bad(request=asking(bytes(range(256)) * 9), reason="REPORT_UNKNOWN", field="reports[0].content"),
    "cut gzip": Bad(
        request=asking(gzip.compress(GOOD)[:-9]), reason="REPORT_MALFORMED", field="reports[0].content", says=("byte",)
    ),
    "told twice": Bad(
        request={"reports": [report(GOOD, path="{allowed}/shop/coverage.xml")]},
        reason="REPORT_AMBIGUOUS",
        field="reports[0].path",
    ),
    "outside": Bad(request=at("{outside}/outside.xml"), reason="SOURCE_OUTSIDE_ROOTS", code="PERMISSION_DENIED"),
    "link out": Bad(request=at("{allowed}/link.xml"), reason="SOURCE_OUTSIDE_ROOTS", code="PERMISSION_DENIED"),
    "folder out": Bad(
        request=at("{allowed}/way-out/outside.xml"), reason="SOURCE_OUTSIDE_ROOTS", code="PERMISSION_DENIED"
    ),
    "up and out": Bad(request=at("{allowed}/../outside.xml"), reason="SOURCE_OUTSIDE_ROOTS", code="PERMISSION_DENIED"),
    "device": Bad(request=at("/dev/zero"), reason="SOURCE_OUTSIDE_ROOTS", code="PERMISSION_DENIED"),
    "no such file": Bad(request=at("{allowed}/no.xml"), reason="FILE_NOT_FOUND", code="NOT_FOUND"),
    "a folder": Bad(request=at("{allowed}/shop"), reason="FILE_NOT_FOUND", code="NOT_FOUND"),
    "relative": Bad(request=at("shop/coverage.xml"), reason="SOURCE_PATH_INVALID", field="reports[0].path"),
    "unprintable": Bad(request=at("a\0b"), reason="SOURCE_PATH_INVALID", field="reports[0].path"),
    "unknown format": Bad(
        request=of("gcov", GOOD), reason="FORMAT_UNKNOWN", field="reports[0].format", says=("gcov", "cobertura")
    ),
    "long name": Bad(request={"reports": [report(GOOD, "n" * 2000)]}, reason="OUT_OF_BOUNDS", field="reports[0].name"),
    "a thousand and one": Bad(
        request={"reports": [report(b"x")] * 1001}, reason="OUT_OF_BOUNDS", field="reports", says=("1001",)
    ),
    "negative target": Bad(request=good(target_coverage=-1), reason="OUT_OF_BOUNDS", field="target_coverage"),
    "target of 101": Bad(request=good(target_coverage=101), reason="OUT_OF_BOUNDS", field="target_coverage"),
    "target NaN": Bad(request=good(target_coverage="NaN"), reason="OUT_OF_BOUNDS", field="target_coverage"),
    "negative gaps": Bad(request=good(max_gaps=-1), reason="OUT_OF_BOUNDS", field="max_gaps"),
    "all gaps": Bad(request=good(max_gaps=2**31 - 1), reason="OUT_OF_BOUNDS", field="max_gaps"),
    "a million paths": Bad(request=good(max_critical_paths=10**6), reason="OUT_OF_BOUNDS", field="max_critical_paths"),
    "no time": Bad(request=good(suggest_budget="0s"), reason="OUT_OF_BOUNDS", field="suggest_budget"),
    "negative time": Bad(request=good(suggest_budget="-5s"), reason="OUT_OF_BOUNDS", field="suggest_budget"),
    "weeks": Bad(request=good(suggest_budget="1000000s"), reason="OUT_OF_BOUNDS", field="suggest_budget"),
    "weight NaN": Bad(request=good(weights={"crap": "NaN"}), reason="OUT_OF_BOUNDS", field="weights.crap"),
    "weight below 0": Bad(request=good(weights={"risk": -1}), reason="OUT_OF_BOUNDS", field="weights.risk"),
    "infinite weight": Bad(request=good(weights={"churn": "Infinity"}), reason="OUT_OF_BOUNDS", field="weights.churn"),
    "unknown formula": Bad(request=good(formula=99), reason="FORMULA_UNKNOWN", field="formula"),
    "unknown mode": Bad(request=good(suggest=99), reason="SUGGEST_UNKNOWN", field="suggest"),
    "unknown framework": Bad(request=good(framework="rspec"), reason="FRAMEWORK_UNKNOWN", field="framework"),
    "two changes": Bad(request=good(diff="x", git_range="a..b"), reason="DIFF_AMBIGUOUS", field="git_range"),
    "range without a checkout": Bad(request=good(git_range="a..b"), reason="SOURCE_NEEDED", field="source.root"),
    "patterns without end": Bad(request=good(include=["x"] * 201), reason="OUT_OF_BOUNDS", field="include"),
    "empty pattern": Bad(request=good(exclude=[""]), reason="OUT_OF_BOUNDS", field="exclude[0]"),
    "tests without source": Bad(request=good(suggest="SUGGEST_MODE_VERIFIED"), reason="SOURCE_NEEDED", field="source"),
    "unknown provider": Bad(
        request=good(suggest="SUGGEST_MODE_VERIFIED", provider=["oracle"], source=inline()),
        reason="PROVIDER_UNKNOWN",
        field="provider",
    ),
    "zip bomb": Bad(
        request=good(source={"archive": archive(**{"a.py": "#" * (60 << 20)})}),
        reason="ARCHIVE_TOO_LARGE",
        field="source.archive",
    ),
    "archive with ..": Bad(
        request=good(source={"archive": archive(**{"../a.py": "x = 1"})}),
        reason="ARCHIVE_UNSAFE",
        field="source.archive",
    ),
    "no archive": Bad(
        request=good(source={"archive": base64.b64encode(b"nothing").decode()}),
        reason="ARCHIVE_CORRUPT",
        field="source.archive",
    ),
    "source outside": Bad(
        request=good(source={"root": "{outside}"}), reason="SOURCE_OUTSIDE_ROOTS", code="PERMISSION_DENIED"
    ),
    "text without a path": Bad(
        request=good(source={"content": "x = 1"}), reason="SOURCE_PATH_NEEDED", field="source.path"
    ),
}
"""Refused before a run begins."""


def hostile(folder: Path) -> Mapping[str, Bad]:
    """Databases that are no `.coverage`."""
    return {
        f"database: {name}": Bad(request=asking(hostile_database(folder, script)), reason="REPORT_MALFORMED")
        for name, script in HOSTILE.items()
    }


FAILED: Mapping[str, Bad] = {
    "cut XML": Bad(request=asking(GOOD[:-40]), reason="REPORT_MALFORMED", says=("line 1",)),
    "cut LCOV": Bad(request=asking(lcov()[:-20]), reason="REPORT_MALFORMED", says=("line 25",)),
    "malformed XML": Bad(request=asking(GOOD.replace(b"</lines>", b"</line>")), reason="REPORT_MALFORMED"),
    "entities that grow": Bad(request=asking(ENTITIES), reason="REPORT_MALFORMED", says=("entity",)),
    "entities from outside": Bad(request=asking(EXTERNAL), reason="REPORT_MALFORMED", says=("entity",)),
    "XML as LCOV": Bad(request=of("lcov", GOOD), reason="REPORT_MALFORMED"),
    "LCOV as XML": Bad(request=of("jacoco", lcov()), reason="REPORT_MALFORMED"),
    "XML as a database": Bad(request=of("coverage_sqlite", GOOD), reason="REPORT_MALFORMED"),
    "XML as JSON": Bad(request=of("istanbul", GOOD), reason="REPORT_MALFORMED"),
    "LCOV as Go": Bad(request=of("go_cover", lcov()), reason="REPORT_MALFORMED"),
    "gzip bomb": Bad(request=asking(packed_zeros(50 << 20)), reason="REPORT_TOO_LARGE", code="RESOURCE_EXHAUSTED"),
    "no diff": Bad(request=good(diff="garbage\n"), reason="DIFF_MALFORMED", field="diff", says=("Line 1",)),
    "cut diff": Bad(
        request=good(diff="--- a/x\n+++ b/x\n@@ -1,3 +1,900 @@\n+x\n"), reason="DIFF_MALFORMED", field="diff"
    ),
    "binary diff": Bad(request=good(diff="\0\1\2"), reason="DIFF_MALFORMED", field="diff"),
    "no checkout": Bad(
        request=good(git_range="main...HEAD", source={"root": "{allowed}/shop"}),
        reason="NOT_A_CHECKOUT",
        code="FAILED_PRECONDITION",
    ),
    "an option for a range": Bad(
        request=good(git_range=f"--output={OWNED}", source={"root": "{allowed}/shop"}),
        reason="GIT_RANGE_INVALID",
        field="git_range",
    ),
    "an option in a range": Bad(
        request=good(git_range=f"HEAD..--output={OWNED}", source={"root": "{allowed}/shop"}),
        reason="GIT_RANGE_INVALID",
        field="git_range",
    ),
}
"""Accepted, and ended by `error`: what is wrong shows only while it is read."""

ODD: Mapping[str, Odd] = {
    "a surrogate in a name": Odd(request=asking(slipcover("a\ud800.py")), lines=(1, 2)),
    "a name that is no UTF-8": Odd(request=asking(b"SF:a\xed\xa0\x80\xff.c\nDA:1,1\nend_of_record\n"), lines=(1, 1)),
    "a name that climbs out": Odd(
        request=asking(lcov({"../../etc/passwd": {1: 0}}), source=inline()), lines=(0, 1), files=("../../etc/passwd",)
    ),
    "Windows paths": Odd(
        request=asking(lcov({"C:\\work\\shop\\cart.py": {1: 1, 4: 0}}), source=inline()),
        lines=(1, 2),
        files=("shop/cart.py",),
    ),
    "lines that cannot be": Odd(
        request=asking(lcov({"a.c": {-1: 1, 0: 1, 10**12: 1, 2: 0}})),
        lines=(0, 1),
        files=("a.c",),
        warnings=("REPORT_LINE_OUT_OF_BOUNDS",),
    ),
    "the last line that can be": Odd(request=asking(lcov({"a.c": {10_000_000: 0}})), lines=(0, 1), files=("a.c",)),
    "no statement": Odd(request=asking(cobertura({"a.py": {}})), lines=(0, 0), warnings=("NOTHING_MEASURED",)),
    "said to be of a format, and blank": Odd(request=of("lcov", b" "), lines=(0, 0), warnings=("NOTHING_MEASURED",)),
    "no weight at all": Odd(
        request=good(weights=dict.fromkeys(("crap", "callers", "critical", "changed", "churn", "risk"), 0)),
        lines=(11, 20),
    ),
    "no range of letters": Odd(request=asking(lcov({"[z-a].c": {1: 1}}), include=["[z-a].c"]), lines=(1, 1)),
    "many stars": Odd(
        request=asking(lcov({"a" * 200: {1: 1}}), include=["**a" * 60 + "b", "*a" * 60 + "/x", "a*"]), lines=(1, 1)
    ),
    "no checkout for a history": Odd(request=good(source={"root": "{allowed}/shop"}), lines=(11, 20)),
}
"""Served."""
