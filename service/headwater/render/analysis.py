"""An analysis that is over, with what its stream told besides, in the order in which it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from headwater.render.gates import Gate
from headwater.v1 import analyze_coverage_pb2 as pb
from headwater.v1 import runs_pb2


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What is rendered."""

    complete: pb.AnalyzeCoverageComplete
    files: tuple[pb.CoverageFile, ...] = ()
    """What was told of each file; empty where it was not asked for."""
    warnings: tuple[runs_pb2.Warning, ...] = ()
    gates: tuple[Gate, ...] = ()
    """What was asked of the coverage."""
    prefix: str = ""
    """The folder of the source in the repository, with `/` at its end: tools name files from there."""
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    """The text of files, by their path."""
    most_files: int | None = 20
    """How many files a table lists; None for all of them."""

    def unbounded(self) -> Analysis:
        """Returns the same with all files in its tables."""
        return replace(self, most_files=None)

    def worst_files(self) -> Sequence[pb.CoverageFile]:
        """Returns the files that lack something, the one with the most missing lines and arms first."""
        return sorted((each for each in self.files if missing(each)), key=lambda each: (-missing(each), each.file_path))


def missing(file: pb.CoverageFile) -> int:
    """Counts lines and arms of a file that no test reached."""
    counts = (file.counts[unit] for unit in ("lines", "branches") if unit in file.counts)
    return sum(each.total - each.covered for each in counts)
