"""Reads strangers' values: what is odd is told once for each report, what is out of bounds is left out."""

from __future__ import annotations

from dataclasses import dataclass, field

from headwater.coverage import LINE_BOUND, Note, Tell
from headwater.coverage.reports import Report

HITS_BOUND = 2**63 - 1
"""The highest count that is kept; a report with a higher one means `very often`."""
_UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"


@dataclass(slots=True)
class Reading:
    """One reading of one report."""

    report: Report
    tell: Tell
    _told: set[str] = field(default_factory=set[str])

    def once(self, reason: str, message: str, remedy: str = "") -> None:
        """Tells of something that is odd, the first time that it is met."""
        if reason not in self._told:
            self._told.add(reason)
            self.tell(Note(reason=reason, message=f"{self.report.name}: {message}", remedy=remedy))

    def believable(self, line: int, path: str) -> bool:
        """Whether a line's number can be one; tells of those that cannot."""
        if 1 <= line <= LINE_BOUND:
            return True
        self.once(
            "REPORT_LINE_OUT_OF_BOUNDS",
            f"{path} has line {str(line)[:20]}, and 1 to {LINE_BOUND} are believed; such lines are left out.",
            "Make the report again; the tool that wrote it has lost its place.",
        )
        return False

    def hits(self, count: float, path: str) -> int:
        """Brings a count into bounds; tells of a negative one and of one that is no number."""
        if 0 <= count <= HITS_BOUND:
            return int(count)
        if count > HITS_BOUND:
            return HITS_BOUND
        self.once("REPORT_HITS_NEGATIVE", f"{path} has a line that ran {count} times; such lines count as not run.")
        return 0


def clean_path(name: str | bytes) -> str:
    """Returns a file's name as it can be shown: `/` between its parts, and no byte or sign that has no shape."""
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
    if "\\" in text:
        text = text.replace("\\", "/")
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _UNPRINTABLE for sign in text)
