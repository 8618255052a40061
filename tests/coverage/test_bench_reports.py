"""The benchmark's reports are of the formats that they claim, with as much in them as was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.coverage.formats import detect, formats
from tests.bench.reports import WRITERS, write
from tests.coverage.formats.written import read_file, report


@pytest.mark.parametrize("name", sorted({*WRITERS, "coverage_sqlite"} & set(formats())))
def test_a_written_report_is_read_back(name: str, tmp_path: Path) -> None:
    path = tmp_path / "report"
    assert write(name, path, files=3, lines_per_file=100) == path.stat().st_size
    assert detect(report(path)).name == name
    files, notes = read_file(name, path)
    assert len(files) == 3
    assert not notes
    for file in files.values():
        assert file.needs_source or (len(file.lines), sum(1 for hits in file.lines.values() if not hits)) == (100, 20)
