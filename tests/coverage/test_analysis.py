"""The flow of an analysis: totals, files chosen, gaps kept, formulas, and the same findings every time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from headwater.coverage import Count, analysis
from headwater.coverage.analysis import analyse
from headwater.coverage.findings import TERMS, FileFound, Finding, Finished, Gap, Noted, Question, ReportFile, Withdrawn
from headwater.coverage.formats import detect
from headwater.coverage.reports import Report
from headwater.errors import Problem

DATA = Path(__file__).parents[1] / "data" / "coverage"
SHOP = {
    "shop/cart.py": "def total(prices):\n    if not prices:\n        return 0\n    return sum(prices)\n",
    "shop/pay.py": "def pay(amount):\n    return amount\n",
    "shop/unseen.py": "def lonely():\n    return 1\n",
    "shop/test_cart.py": "def test_total():\n    pass\n",
    "tools/build.py": "def build():\n    return 1\n",
}


class Asking:
    """Asks questions about files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._asked = 0

    def report(self, *reports: bytes | Path, source: Path | None = None, **more: Any) -> list[Finding]:
        """Analyses reports, each told by its beginning, and returns all that is found."""
        self._asked += 1
        scratch = self.folder / f"asked-{self._asked}"
        scratch.mkdir()
        question: dict[str, Any] = {
            "reports": tuple(self._report(each, scratch / f"report-{number}") for number, each in enumerate(reports)),
            "source": source,
            "max_gaps": 200,
            "max_paths": 20,
            "max_unmatched": 200,
            "weights": dict.fromkeys(TERMS, 1.0),
            "report_bytes": 1 << 30,
            "file_bytes": 1 << 20,
            "source_files": 1000,
            "scratch": scratch,
            **more,
        }
        found: list[Finding] = []
        analyse(Question(**question), found.append)
        return found

    def source(self, files: dict[str, str]) -> Path:
        """Writes a source tree."""
        top = self.folder / "source"
        for path, text in files.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_text(text)
        return top

    def _report(self, report: bytes | Path, path: Path) -> ReportFile:
        if isinstance(report, bytes):
            path.write_bytes(report)
            report = path
        kind = detect(Report(path=report, name=report.name, most_bytes=1 << 30))
        return ReportFile(path=report, name=report.name, format=kind.name)


@pytest.fixture
def asking(tmp_path: Path) -> Asking:
    return Asking(tmp_path)


def lcov(files: dict[str, dict[int, int]], arms: Mapping[str, Mapping[int, Sequence[int]]] | None = None) -> bytes:
    """Writes an LCOV trace file: hits by line, and how often each arm of a line's decision was taken."""
    rows: list[str] = []
    for path, lines in files.items():
        rows.append(f"SF:{path}")
        for line, taken in (arms or {}).get(path, {}).items():
            rows += [f"BRDA:{line},0,{number},{hits}" for number, hits in enumerate(taken)]
        rows += [*(f"DA:{line},{hits}" for line, hits in lines.items()), "end_of_record"]
    return "\n".join([*rows, ""]).encode()


def finished(found: Sequence[Finding]) -> Finished:
    last = found[-1]
    assert isinstance(last, Finished)
    return last


def _samples() -> list[Any]:
    found = sorted(DATA.glob("*/*/expected.json"))
    return [pytest.param(each.parent, id=f"{each.parent.parent.name}-{each.parent.name}") for each in found]


@pytest.mark.parametrize("sample", _samples())
def test_totals_are_those_of_the_reference_tool(sample: Path, asking: Asking) -> None:
    """Through the whole flow, the sum and each file of every sample are what the tool itself counted."""
    expected = json.loads((sample / "expected.json").read_text())
    report = next(each for each in sample.iterdir() if each.name.startswith("report."))
    source = None
    if (sample / "source").is_dir():
        texts = {each.relative_to(sample / "source"): each for each in (sample / "source").rglob("*.txt")}
        source = asking.source({str(path.with_suffix("")): each.read_text() for path, each in texts.items()})
    found = asking.report(report, source=source, files=True)
    counts = finished(found).counts
    assert {unit: pair(counts.get(unit, Count())) for unit in expected["units"]} == expected["units"]
    told = {each.reported: each for each in found if isinstance(each, FileFound)}
    whole = {unit: [0, 0] for unit in expected["units"]}
    for each in told.values():
        for unit, sums in whole.items():
            sums[:] = [left + right for left, right in zip(sums, pair(each.counts.get(unit, Count())), strict=True)]
    assert whole == expected["units"]
    assert finished(found).files == len(told)


def pair(count: Count) -> list[int]:
    return [count.covered, count.total]


def test_reports_of_several_formats_are_united(asking: Asking) -> None:
    """What ran in one of them ran: the union of hits, each line once."""
    cobertura = (DATA / "cobertura" / "coveragepy_branch" / "report.xml").read_bytes()
    first = finished(asking.report(cobertura)).counts["lines"]
    again = finished(asking.report(cobertura, cobertura)).counts["lines"]
    assert again == first
    found = finished(asking.report(lcov({"a.c": {1: 1, 2: 0, 3: 0}}), b"mode: set\na.c:2.1,2.9 1 1\n"))
    assert found.counts["lines"] == Count(covered=2, total=3)
    assert found.formats == ("lcov", "go_cover")


def test_a_report_split_in_two_gives_the_same(asking: Asking) -> None:
    """However a report is cut into two, and whether its files come once or in parts, the sum and the gaps are equal."""
    files = {f"src/m{number}.c": {line: line % (number + 2) for line in range(1, 40)} for number in range(6)}
    whole = finished(asking.report(lcov(files)))
    one = {path: files[path] for path in list(files)[::2]}
    other = {path: files[path] for path in list(files)[1::2]}
    cut = {path: {line: hits for line, hits in lines.items() if line < 20} for path, lines in files.items()}
    rest = {path: {line: hits for line, hits in lines.items() if line >= 20} for path, lines in files.items()}
    for parts in ([lcov(one), lcov(other)], [lcov(rest), lcov(cut)], [lcov(cut) + lcov(rest)]):
        split = finished(asking.report(*parts))
        assert split.counts == whole.counts
        assert {each.id: each.score for each in split.gaps} == {each.id: each.score for each in whole.gaps}
        assert split.total_gaps == whole.total_gaps


def test_a_file_told_again_is_withdrawn_and_counted_once(asking: Asking) -> None:
    """Its gaps and counts are taken back before those of the union are told."""
    found = asking.report(lcov({"a.c": {1: 0, 2: 1}, "b.c": {1: 1}}) + lcov({"a.c": {1: 1, 2: 0}}), files=True)
    assert [each.path for each in found if isinstance(each, Withdrawn)] == ["a.c"]
    last = finished(found)
    assert (last.counts["lines"], last.files, last.gaps) == (Count(covered=3, total=3), 2, ())


def test_a_file_told_very_often_is_analysed_twice(asking: Asking) -> None:
    """However often a report comes back to a file, its first word is taken back once, and the union is told once."""
    parts = [lcov({"a.c": dict.fromkeys(range(1, 200), 0)}), lcov({"b.c": {1: 0}})]
    parts += [lcov({"a.c": {line: 1}}) for line in range(1, 1200, 2)]
    found = asking.report(b"".join(parts), files=True)
    assert [each.path for each in found if isinstance(each, FileFound)] == ["a.c", "b.c", "a.c"]
    assert [each.path for each in found if isinstance(each, Withdrawn)] == ["a.c"]
    lines = set(range(1, 200)) | set(range(1, 1200, 2))
    assert finished(found).counts["lines"] == Count(covered=600, total=len(lines) + 1)
    once = asking.report(lcov({"a.c": {line: line % 2 for line in sorted(lines)}, "b.c": {1: 0}}))
    assert set(finished(found).gaps) == set(finished(once).gaps)


@pytest.mark.parametrize(
    ("include", "exclude", "left"),
    [
        ((), (), {"src/a.c", "src/deep/b.c", "lib/c.c"}),
        (("src/**",), (), {"src/a.c", "src/deep/b.c"}),
        (("src/*.c",), (), {"src/a.c"}),
        (("*.c",), ("**/deep/*",), {"src/a.c", "lib/c.c"}),
        (("src/**", "lib/**"), ("a.c",), {"src/deep/b.c", "lib/c.c"}),
    ],
)
def test_include_and_exclude_choose_the_files(
    include: tuple[str, ...], exclude: tuple[str, ...], left: set[str], asking: Asking
) -> None:
    """What is not wanted is neither counted nor told."""
    report = lcov({path: {1: 1, 2: 0} for path in ("src/a.c", "src/deep/b.c", "lib/c.c")})
    found = asking.report(report, include=include, exclude=exclude, files=True)
    assert {each.path for each in found if isinstance(each, FileFound)} == left
    assert {each.path for each in finished(found).gaps} == left
    assert finished(found).counts["lines"].total == 2 * len(left)


def test_patterns_look_at_the_place_in_the_source(asking: Asking) -> None:
    """A file is chosen by its path in the source, not by where the build had it."""
    report = lcov({"/build/7/shop/cart.py": {1: 1, 2: 0}, "/build/7/shop/pay.py": {1: 1, 2: 0}})
    found = asking.report(report, source=asking.source(SHOP), include=("shop/cart.py",), files=True)
    assert [(each.path, each.reported) for each in found if isinstance(each, FileFound)] == [
        ("shop/cart.py", "/build/7/shop/cart.py")
    ]


def test_the_worst_gaps_are_kept(asking: Asking) -> None:
    """Of many, `max_gaps` are in the sum, and they are the worst ones of all; the number is that of all."""
    files = {f"m{number:02}.c": {1: 1, **dict.fromkeys(range(2, 3 + number), 0)} for number in range(30)}
    every = finished(asking.report(lcov(files)))
    some = asking.report(lcov(files), max_gaps=7)
    assert (every.total_gaps, len(every.gaps)) == (30, 30)
    assert finished(some).gaps == every.gaps[:7]
    assert finished(some).total_gaps == 30
    assert [each.score for each in every.gaps] == sorted((each.score for each in every.gaps), reverse=True)
    assert set(finished(some).gaps) <= {each for each in some if isinstance(each, Gap)}


def test_files_that_no_report_names_are_gaps(asking: Asking) -> None:
    """A file beside those that were measured, of their language and no test, was never imported."""
    report = lcov({"shop/cart.py": {1: 1, 2: 1, 3: 0, 4: 1}, "shop/pay.py": {1: 1, 2: 1}})
    found = finished(asking.report(report, source=asking.source(SHOP)))
    never = [each for each in found.gaps if each.type == "never_imported"]
    assert [(each.path, each.first, each.last) for each in never] == [("shop/unseen.py", 1, 2)]
    assert found.counts["lines"] == Count(covered=5, total=6)


def test_what_is_not_in_the_source_is_told(asking: Asking) -> None:
    """With the reason and the nearest candidates; its numbers count all the same."""
    report = lcov({"shop/cart.py": {1: 1}, "shop/card.py": {1: 0}, "old/pay.py": {1: 0}})
    found = finished(asking.report(report, source=asking.source(SHOP)))
    assert [each.reported for each in found.unmatched] == ["shop/card.py", "old/pay.py"]
    assert found.unmatched[0].candidates[0] == "shop/cart.py"
    assert found.unmatched[1].candidates == ("shop/pay.py",)
    assert all(each.reason for each in found.unmatched)
    assert found.counts["lines"] == Count(covered=1, total=3)


def test_what_is_excluded_is_not_missed_in_the_source(asking: Asking) -> None:
    """Such as the packages that a run has loaded, which lie elsewhere; what is not included still may be misspelt."""
    report = lcov({"shop/cart.py": {1: 1}, "/lib/node_modules/a.py": {1: 0}, "gone/pay_.py": {1: 0}})
    asked = asking.report(report, source=asking.source(SHOP), exclude=("**/node_modules/**",), include=("shop/**",))
    found = finished(asked)
    assert [each.reported for each in found.unmatched] == ["gone/pay_.py"]
    assert found.counts["lines"] == Count(covered=1, total=1)


def test_of_many_that_are_not_in_the_source_the_first_are_told(asking: Asking) -> None:
    """The number is that of all; a file that comes twice is one."""
    report = lcov({f"gone/{number}.py": {1: 1} for number in range(50)}) + lcov({"gone/0.py": {2: 1}})
    found = finished(asking.report(report, source=asking.source(SHOP), max_unmatched=3))
    assert [each.reported for each in found.unmatched] == ["gone/0.py", "gone/1.py", "gone/2.py"]
    assert found.total_unmatched == 50


def test_the_nearest_are_looked_for_until_it_costs_too_much(asking: Asking) -> None:
    """The first files that are not in a large source have candidates; the others are told without."""
    source = asking.source({f"shop/module_{number:03}.py": "x = 1\n" for number in range(300)})
    report = lcov({f"shop/modulx_{number:03}.py": {1: 1} for number in range(150)})
    found = finished(asking.report(report, source=source))
    assert found.total_unmatched == len(found.unmatched) == 150
    helped = [bool(each.candidates) for each in found.unmatched]
    assert helped == [True] * sum(helped) + [False] * (150 - sum(helped))
    assert 0 < sum(helped) < 150


FILES = {"a.c": {1: 5, 2: 1, 3: 0, 4: 1}, "b.c": {1: 1, 2: 0}}
ARMS = {"a.c": {1: (3, 2), 2: (1, 0)}, "b.c": {2: (0, 0)}}


@pytest.mark.parametrize(
    ("formula", "percent"),
    [
        # 4 of 6 lines ran; 3 of 6 arms were taken; line 2 of a.c ran and an arm of it was not taken.
        ("lines", 66.66),
        ("combined", 58.33),
        ("codecov", 50.0),
        ("sonar", 58.33),
        ("", 66.66),
    ],
)
def test_overall_coverage_follows_the_formula(formula: str, percent: float, asking: Asking) -> None:
    """Lines 4/6, combined and Sonar's (4 + 3)/(6 + 6), Codecov's 3/6; without one, as the tool (lcov: lines)."""
    found = finished(asking.report(lcov(FILES, ARMS), formula=formula))
    assert found.counts["lines"] == Count(covered=4, total=6)
    assert found.counts["branches"] == Count(covered=3, total=6)
    assert found.overall == percent
    assert found.formula


def test_no_figure_says_more_than_is_so(asking: Asking) -> None:
    """Percentages are rounded towards zero: one missing line of very many is not 100, and 84.999 is not 85."""
    nearly = dict.fromkeys(range(1, 300_000), 1) | {300_000: 0}
    assert finished(asking.report(lcov({"a.c": nearly}))).overall == 99.99
    below = dict.fromkeys(range(1, 85_000), 1) | dict.fromkeys(range(85_000, 100_001), 0)
    assert finished(asking.report(lcov({"a.c": below}))).overall == 84.99


def test_two_runs_find_the_same(asking: Asking) -> None:
    """Same reports, same source, same question: the same findings in the same order, the time of progress left out."""
    source = asking.source(SHOP)
    report = lcov(
        {"shop/cart.py": {1: 1, 2: 1, 3: 0, 4: 0}, "shop/pay.py": {1: 1, 2: 0}}, {"shop/cart.py": {2: (0, 1)}}
    )
    diff = "--- a/shop/pay.py\n+++ b/shop/pay.py\n@@ -1,1 +1,2 @@\n def pay(amount):\n+    return amount\n"
    first, second = (
        [
            each
            for each in asking.report(report, report, source=source, diff=diff, files=True, details=3)
            if each.kind != "went"
        ]
        for _ in range(2)
    )
    assert first == second
    assert finished(first).patch is not None


def test_the_patch_is_what_the_diff_changes(asking: Asking) -> None:
    """Only changed executable lines count; a changed file of code that no report names has no data."""
    diff = (
        "--- a/shop/pay.py\n+++ b/shop/pay.py\n@@ -1,1 +1,2 @@\n def pay(amount):\n+    return amount\n"
        "--- /dev/null\n+++ b/shop/new.py\n@@ -0,0 +1,1 @@\n+x = 1\n"
    )
    report = lcov({"shop/pay.py": {1: 1, 2: 0}, "shop/cart.py": {1: 1, 2: 0}})
    patch = finished(asking.report(report, diff=diff)).patch
    assert patch is not None
    assert [(each.path, each.lines, each.missing) for each in patch.files] == [
        ("shop/pay.py", Count(covered=0, total=1), (2,))
    ]
    assert patch.without_data == ("shop/new.py",)


def test_nothing_to_measure_is_noted(asking: Asking) -> None:
    """Where no line is left to cover, a note says so beside the 100 percent."""
    found = asking.report(lcov({"a.c": {1: 1}}), exclude=("**",))
    assert [each.reason for each in found if isinstance(each, Noted)] == ["NOTHING_MEASURED"]
    assert finished(found).files == 0


def test_a_broken_report_ends_it_alone_and_not_among_others(asking: Asking) -> None:
    """Alone it is refused; beside a good one it is left out, and the note says so."""
    good, broken = lcov({"a.c": {1: 1, 2: 0}}), lcov({"b.c": {1: 1}})[:-8]
    with pytest.raises(Problem) as refused:
        asking.report(broken)
    assert refused.value.reason == "REPORT_MALFORMED"
    found = asking.report(good, broken)
    assert [each.reason for each in found if isinstance(each, Noted)] == ["REPORT_MALFORMED"]
    assert finished(found).counts["lines"] == Count(covered=1, total=2)


def test_nothing_stays_in_the_scratch_folder(asking: Asking, tmp_path: Path) -> None:
    """What is spooled is removed, also where the analysis is refused."""
    asking.report(lcov({"a.c": {1: 1}}))
    with pytest.raises(Problem):
        asking.report(lcov({"a.c": {1: 1}})[:-8])
    assert [each.name for each in tmp_path.glob("asked-*/*") if not each.name.startswith("report")] == []


def test_of_a_very_long_file_the_first_lines_are_listed_and_all_counted(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is told of one file fits into a message, whatever its report holds; a note says that there is more."""
    monkeypatch.setattr(analysis, "LISTED", 3)
    found = asking.report(lcov({"a.c": {line: line % 2 for line in range(1, 11)}}), files=True)
    (file,) = (each for each in found if isinstance(each, FileFound))
    assert (file.missing, file.covered) == ((2, 4, 6), (1, 3, 5))
    assert file.counts["lines"] == Count(covered=5, total=10)
    assert [each.reason for each in found if isinstance(each, Noted)] == ["FILE_LONG"]
