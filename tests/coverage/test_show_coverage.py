"""A coverage run on a screen: the same facts for both shapes of events, and never a stranger's control code."""

import io
from typing import Any

import pytest
from rich.console import Console

from headwater.gateway.encode import encoder_for
from headwater.show import Show
from headwater.v1 import analyze_coverage_pb2 as pb
from headwater.v1 import runs_pb2

from .analyses import COMPLETE, GAPS, HOSTILE, count

EVENTS = (
    pb.AnalyzeCoverageEvent(
        start=pb.AnalyzeCoverageStart(reports=["coverage.xml"], formats=["cobertura"], size_kib=2560, source=True)
    ),
    pb.AnalyzeCoverageEvent(
        progress=pb.CoverageProgress(percent=42.0, message="Analyzing shop/pay.py", files_analyzed=3, total_files=9)
    ),
    pb.AnalyzeCoverageEvent(
        file=pb.CoverageFileFound(file=pb.CoverageFile(file_path="shop/pay.py", combined_coverage=52.0))
    ),
    pb.AnalyzeCoverageEvent(gap=pb.GapFound(gap=GAPS[0])),
    pb.AnalyzeCoverageEvent(critical_path=COMPLETE.critical_paths[0]),
    pb.AnalyzeCoverageEvent(warning=runs_pb2.Warning(reason="X", message="Odd.", remedy="Look.")),
    pb.AnalyzeCoverageEvent(test=pb.SuggestedTestVerified(file_path="shop/pay.py", gaps=["a", "b"], count=1)),
    pb.AnalyzeCoverageEvent(complete=COMPLETE),
)
LINES = """\
coverage.xml (cobertura) · 2.5 MiB · with the source
[ 42%] Analyzing shop/pay.py, 3/9 files
 52.00% shop/pay.py
critical shop/pay.py:9 · partial branch · charge_card · amount <= 0 · never true
critical shop/pay.py::charge_card: POST /charge (route `checkout`) reaches `charge_card`, which moves money
! Odd. Look. [X]
✓  closes 2 gaps of shop/pay.py

✗ 84.99% covered = covered (lines + branches) / (lines + branches), as coverage.py
lines 88.00%, branches 75.00%, 7 gaps, 1 critical path, 3 files in 1.2 s
Patch: 50.00% of the changed lines
"""


def shown(*events: Any, **options: Any) -> str:
    unsaid = options.pop("unsaid", ())
    file = io.StringIO()
    with Show(Console(file=file, **options), unsaid=unsaid) as show:
        for each in events:
            show(each)
    return file.getvalue()


def as_json(event: pb.AnalyzeCoverageEvent) -> dict[str, Any]:
    """The event as a face tells it."""
    kind = event.WhichOneof("event")
    assert kind is not None
    payload = getattr(event, kind)
    return {"type": kind, **encoder_for(payload.DESCRIPTOR)(payload)}


@pytest.mark.parametrize("shape", [lambda event: event, as_json], ids=["message", "json"])
def test_a_stream_reads_as_recorded(shape: Any) -> None:
    """Both shapes of an event read alike, and not as those of a run that writes tests."""
    assert shown(*map(shape, EVENTS)) == LINES


def test_what_is_told_elsewhere_is_left_out() -> None:
    """The kinds that the result on stdout has are not told twice."""
    kept = shown(*EVENTS, unsaid={"gap", "file", "critical_path", "complete"})
    assert [line[:4] for line in kept.splitlines()] == ["cove", "[ 42", "! Od", "✓  c"]


def test_a_terminal_has_a_bar_and_the_gaps() -> None:
    """The bar says which file is read; gaps stay."""
    text = shown(*EVENTS, force_terminal=True, width=100)
    assert "Analyzing shop/pay.py, 3/9 files" in text
    assert text.count("partial branch") == 1
    assert text.rindex("\x1b[?25h") > text.rindex("42%")


def test_strangers_text_cannot_steer_the_terminal() -> None:
    """Whatever files, symbols and conditions are called."""
    gap = pb.CoverageGap(file_path=HOSTILE, symbol=HOSTILE, condition=HOSTILE, never=HOSTILE, severity=HOSTILE)
    path = pb.CriticalPath(path=HOSTILE, why=HOSTILE, impact=HOSTILE)
    complete = pb.AnalyzeCoverageComplete(formula=HOSTILE, counts={HOSTILE: count(1, 2)})
    text = shown(
        pb.AnalyzeCoverageEvent(start=pb.AnalyzeCoverageStart(reports=[HOSTILE], formats=[HOSTILE])),
        pb.AnalyzeCoverageEvent(gap=pb.GapFound(gap=gap)),
        pb.AnalyzeCoverageEvent(critical_path=path),
        pb.AnalyzeCoverageEvent(complete=complete),
    )
    assert all(line.isprintable() for line in text.split("\n"))
