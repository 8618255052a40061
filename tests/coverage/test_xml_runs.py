"""Plain rows of XML that are read together say what they say one by one, wherever they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.coverage import FileCoverage
from headwater.coverage.formats import cobertura, jacoco
from headwater.coverage.reports.xml_runs import MARK, Runs
from headwater.errors import Problem
from tests.coverage.formats.written import read_text

LINES = 12_000
"""Enough of them that the parser gets the document in several pieces."""


def cobertura_of(rows: list[str], aside: str = "") -> str:
    body = "\n".join(rows)
    lines = f'<class name="a" filename="a.py"><lines>{body}</lines></class>'
    return f'<coverage line-rate="1">{aside}<packages>{lines}</packages></coverage>'


def row(number: int, *, swapped: bool = False) -> str:
    names = [f'number="{number}"', f'hits="{number % 3}"']
    branch = ' branch="true" condition-coverage="50% (1/2)" missing-branches="7"' if number % 5 == 0 else ""
    return f"<line {' '.join(names[::-1] if swapped else names)}{branch}/>"


def only(name: str, folder: Path, text: str) -> FileCoverage:
    files, notes = read_text(name, folder, text)
    assert not notes
    (file,) = files.values()
    return file


@pytest.mark.parametrize(
    "aside",
    [
        "",
        "<!-- by coverage.py -->",
        "<?note?>",
        "<![CDATA[ ]]>",
        '<!-- <line number="1" hits="9"/> -->',
        "<!-- <class filename='b.py'> -->",
    ],
)
def test_rows_together_are_rows_one_by_one(tmp_path: Path, aside: str) -> None:
    """Attributes in another order are read by the parser: the result is the same."""
    together = only("cobertura", tmp_path, cobertura_of([row(n) for n in range(1, LINES)], aside))
    singly = only("cobertura", tmp_path, cobertura_of([row(n, swapped=True) for n in range(1, LINES)]))
    assert together == singly
    assert len(together.lines) == LINES - 1
    assert together.branches[5] == {"#0": 1, "7": 0}


def test_rows_in_a_comment_of_several_pieces_are_no_rows(tmp_path: Path) -> None:
    hidden = "\n".join(row(n) for n in range(1, LINES))
    rows = [row(1), f"<!-- {hidden} -->", row(LINES)]
    file = only("cobertura", tmp_path, cobertura_of(rows))
    assert list(file.lines) == [1, LINES]


def test_jacoco_rows_together_are_rows_one_by_one(tmp_path: Path) -> None:
    def document(order: tuple[int, ...]) -> str:
        rows: list[str] = []
        for n in range(1, LINES):
            parts = (f'nr="{n}"', 'mi="1"', f'ci="{n % 3}"', f'mb="{n % 2}"', 'cb="1"')
            rows.append(f"<line {' '.join(parts[at] for at in order)}/>")
        lines = f'<sourcefile name="A.java">{"".join(rows)}</sourcefile>'
        return f'<report name="a"><package name="p">{lines}</package></report>'

    assert only("jacoco", tmp_path, document((0, 1, 2, 3, 4))) == only("jacoco", tmp_path, document((4, 3, 2, 1, 0)))


@pytest.mark.parametrize("name", ["cobertura", "jacoco"])
def test_rows_out_of_place_are_refused_with_their_line(tmp_path: Path, name: str) -> None:
    text = {
        "cobertura": '<coverage line-rate="1"><packages>\n\n<line number="3" hits="1"/></packages></coverage>',
        "jacoco": '<report name="a"><package name="p">\n\n<line nr="3" mi="0" ci="1" mb="0" cb="0"/></package>',
    }[name]
    with pytest.raises(Problem, match="line 3: a <line> is outside") as refusal:
        read_text(name, tmp_path, text)
    assert refusal.value.reason == "REPORT_MALFORMED"


def test_the_place_of_a_fault_after_rows_is_right(tmp_path: Path) -> None:
    rows = [row(n) for n in range(1, 40)]
    with pytest.raises(Problem, match="line 41"):
        read_text("cobertura", tmp_path, cobertura_of([*rows, "", "<wrong>"]))


def test_a_mark_of_a_stranger_means_nothing(tmp_path: Path) -> None:
    file = only("cobertura", tmp_path, cobertura_of([row(1, swapped=True), f"<{MARK}/>", row(2, swapped=True)]))
    assert list(file.lines) == [1, 2]


PIECES = st.lists(
    st.sampled_from(
        [
            '<line number="1" hits="2"/>',
            '<line number="3" hits="0" />\n',
            "<",
            "!",
            "-",
            "-->",
            "<!--",
            "<![CDATA[",
            "]]>",
            "<?x ",
            "?>",
            "<a>",
            "\n",
        ]
    ),
    max_size=12,
)


COMMENT = re.compile(rb"<!--(?:(?!--).)*-->", re.DOTALL)
"""A whole comment: what stands in it is neither CDATA nor an instruction."""


@given(pieces=st.lists(PIECES, min_size=1, max_size=4))
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_is_cut_out_of_what_may_be_no_element(pieces: list[list[str]]) -> None:
    """However the document falls into pieces, nothing is lost, and what follows CDATA or an instruction stays."""
    runs = Runs(pattern=cobertura.RUN)
    chunks = ["".join(piece).encode() for piece in pieces]
    before, doubtful = b"", False
    for chunk in chunks:
        cut = runs.cut(chunk)
        assert cut == chunk or not doubtful
        assert cut.count(b"\n") == chunk.count(b"\n")
        while runs.taken:
            run = runs.taken.popleft()
            cut = cut.replace(f"<{MARK}/>".encode() + b"\n" * run.count(b"\n"), run, 1)
        assert cut == chunk
        whole = COMMENT.sub(b"", before + chunk)
        doubtful = doubtful or b"<![" in whole or b"<?" in whole
        before = chunk[-1:] or before


def test_both_patterns_match_what_the_tools_write() -> None:
    assert cobertura.RUN.fullmatch(b'<line number="1" hits="2"/>\n\t<line number="2" hits="0" branch="false"/>')
    assert not cobertura.RUN.search(b'<line number="1" hits="2">')
    assert jacoco.RUN.fullmatch(b'<line nr="1" mi="0" ci="2" mb="0" cb="0"/>' * 3)
