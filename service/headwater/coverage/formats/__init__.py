"""Formats of coverage reports: one file each, found by its presence; a report is told by its beginning."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from headwater.coverage import FileCoverage, Tell
from headwater.coverage.reports import Report
from headwater.errors import Code, problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format: how it is told from others, and how it is read."""

    name: str
    """In lower case, such as `cobertura`; the file's name."""
    title: str
    """For a person, such as `Cobertura XML`."""
    sniff: Callable[[bytes], bool]
    """Whether a report that begins with these bytes (up to 64 KiB, unpacked) is of this format."""
    read: Callable[[Report, Tell], Iterator[FileCoverage]]
    """Yields the files of a report, some perhaps twice. Raises Problem `REPORT_MALFORMED` with the place."""
    overall: tuple[str, ...]
    """The units whose sum is what the tool itself calls the coverage: `("lines", "branches")` for coverage.py."""


@cache
def formats() -> Mapping[str, Format]:
    """Finds every format, by name: each module of this package has its `FORMAT`."""
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    return {each.FORMAT.name: each.FORMAT for each in modules if hasattr(each, "FORMAT")}


def detect(report: Report) -> Format:
    """Tells a report's format by its beginning.

    Raises Problem INVALID_ARGUMENT `REPORT_EMPTY` or `REPORT_UNKNOWN`, which names the formats that are read.
    """
    head = report.head()
    if not head.strip():
        raise problem(
            Code.INVALID_ARGUMENT,
            "REPORT_EMPTY",
            f"{report.name} is empty.",
            "Run the tests with coverage switched on, then send the report.",
            report=report.name,
        )
    for each in formats().values():
        if each.sniff(head):
            return each
    raise problem(
        Code.INVALID_ARGUMENT,
        "REPORT_UNKNOWN",
        f"{report.name} is no coverage report of a known format; it begins with {head[:40]!r}.",
        f"Send one of: {', '.join(sorted(each.title for each in formats().values()))}.",
        report=report.name,
    )
