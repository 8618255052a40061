"""What several reports say of a file is united: what ran in one of them ran, and no order or split changes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.coverage import FileCoverage, Function
from headwater.coverage.merging import unite, unite_arms
from headwater.coverage.spool import BATCH, Spool

LINES = st.dictionaries(st.integers(1, 30), st.integers(0, 5), max_size=20)
ARMS = st.dictionaries(st.sampled_from(["2", "3", "exit", "0,0", "0,1"]), st.integers(0, 3), min_size=1, max_size=3)
BRANCHES = st.dictionaries(st.integers(1, 10), ARMS, max_size=5)
FILES = st.builds(
    FileCoverage,
    path=st.just("src/cart.py"),
    lines=LINES,
    branches=BRANCHES,
    units=st.dictionaries(
        st.just("statements"),
        st.dictionaries(st.text(max_size=3), st.integers(0, 3).map(lambda hit: (min(hit, 2), 2)), max_size=5),
        max_size=1,
    ),
)


@given(FILES, FILES)
def test_union_has_no_order(left: FileCoverage, right: FileCoverage) -> None:
    """Which report comes first changes nothing."""
    assert unite(left, right) == unite(right, left)


@given(FILES, FILES, FILES)
def test_union_has_no_grouping(one: FileCoverage, two: FileCoverage, three: FileCoverage) -> None:
    """Which reports are united first changes nothing."""
    assert unite(unite(one, two), three) == unite(one, unite(two, three))


@given(FILES)
def test_a_report_united_with_itself_is_itself(file: FileCoverage) -> None:
    """The same report sent twice counts nothing twice."""
    assert unite(file, file) == file


@given(FILES, st.data())
def test_a_split_report_is_whole_again(file: FileCoverage, data: st.DataObject) -> None:
    """However the lines of a report are dealt out to two, their union is the report."""
    mine = data.draw(st.sets(st.sampled_from(sorted(file.lines)))) if file.lines else set[int]()
    left = FileCoverage(path=file.path, lines={line: hits for line, hits in file.lines.items() if line in mine})
    rest = {line: hits for line, hits in file.lines.items() if line not in mine}
    right = FileCoverage(path=file.path, lines=rest, branches=file.branches, units=file.units)
    assert unite(left, right) == file


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        ({"12": 1, "exit": 0}, {"12": 0, "exit": 2}, {"12": 1, "exit": 2}),
        ({"#0": 1, "12": 0}, {"#0": 1, "15": 0}, {"#0": 1, "#1": 1}),
        ({"#0": 1, "12": 0}, {"#0": 3, "12": 0}, {"#0": 3, "12": 0}),
        ({"#0": 1, "#1": 0}, {"#0": 1, "#1": 0}, {"#0": 1, "#1": 0}),
        ({"#0": 1, "#1": 0}, {"#0": 1, "#1": 1}, {"#0": 1, "#1": 1}),
        ({"12": 1, "15": 0}, {"#0": 1, "15": 0}, {"#0": 1, "15": 0}),
    ],
    ids=["named", "missed by one only", "missed by both", "counted", "one counts more", "named and counted"],
)
def test_arms_are_united_as_far_as_their_names_tell(
    left: dict[str, int], right: dict[str, int], both: dict[str, int]
) -> None:
    """Named arms by name; missed ones if both missed them; where nothing is named, the larger count."""
    assert unite_arms(left, right) == both
    assert unite_arms(right, left) == both


def test_a_function_that_ran_in_one_report_ran() -> None:
    """Calls of a function are the larger number of both reports."""
    idle = FileCoverage(path="a.py", functions={"f@1": Function(name="f", first=1)})
    busy = FileCoverage(path="a.py", functions={"f@1": Function(name="f", first=1, hits=4)})
    assert unite(idle, busy).functions["f@1"].hits == 4


def test_what_one_report_counts_is_not_excluded() -> None:
    """A line is left out only where no report counts it."""
    left = FileCoverage(path="a.py", excluded=frozenset({3, 4}))
    right = FileCoverage(path="a.py", lines={3: 0})
    assert unite(left, right).excluded == {4}


@settings(max_examples=25)
@given(files=st.lists(FILES, min_size=1, max_size=4))
def test_the_spool_gives_back_what_it_was_given(
    tmp_path_factory: pytest.TempPathFactory, files: list[FileCoverage]
) -> None:
    """A file that comes several times is united; nothing is lost on the way to the disk and back."""
    spool = Spool(tmp_path_factory.mktemp("spool"))
    for each in files:
        spool.add(each)
    whole = files[0]
    for each in files[1:]:
        whole = unite(whole, each)
    assert list(spool.files()) == [whole]
    spool.close()


def test_the_spool_holds_more_than_it_keeps_in_memory(tmp_path: Path) -> None:
    """Files beyond a batch come back by path, and leave nothing on disk when it is closed."""
    spool = Spool(tmp_path)
    names = [f"src/{number:05}.py" for number in range(BATCH * 2 + 7)]
    for name in reversed(names):
        assert not spool.add(FileCoverage(path=name, lines={1: 1}))
    assert spool.add(FileCoverage(path=names[3], lines={2: 0}))
    assert [each.path for each in spool.files()] == names
    assert spool.get(names[3]) == FileCoverage(path=names[3], lines={1: 1, 2: 0})
    assert len(spool) == len(names)
    spool.close()
    assert list(tmp_path.iterdir()) == []
