"""Sizes are counted by the rules of the standards, with a trace by which they can be counted again."""

from __future__ import annotations

import statistics

from headwater.synthesis.project.complexity import QUARTILES, Level, Movement, Rates, level, measure
from headwater.synthesis.project.parsing import parse
from tests.project.conftest import TEXTS


def test_a_blog_with_comments_is_fifty_two() -> None:
    """Signing in is 11, a post 20 and a comment 21 COSMIC function points."""
    found = measure(parse("Build a blog with authentication and comments"))
    assert dict(found.by_entity) == {"User": 11, "Post": 20, "Comment": 21}
    assert found.cosmic == 52


def test_ifpug_points_follow_the_tables() -> None:
    """Three small files of 7, and inputs and inquiries by their elements and files."""
    found = measure(parse("Build a blog with authentication and comments")).ifpug
    assert found.files == 21
    assert found.total == found.files + found.inputs + found.outputs + found.inquiries
    assert found.outputs == 0


def test_the_trace_adds_up(requirements: str) -> None:
    """The total is the number of movements named; each process begins with an entry and ends with an exit."""
    found = measure(parse(requirements))
    assert found.cosmic == sum(len(each.movements) for each in found.processes)
    assert sum(size for _, size in found.by_entity) <= found.cosmic
    assert sum(each.size for each in found.drivers) == found.cosmic
    for process in found.processes:
        assert process.movements[0].kind is Movement.ENTRY
        assert process.movements[-1].kind is Movement.EXIT


def test_levels_are_the_quartiles_of_the_texts() -> None:
    """The bounds of the levels are those of the requirement texts."""
    sizes = [measure(parse(each.read_text(encoding="utf-8"))).cosmic for each in TEXTS]
    assert tuple(round(each) for each in statistics.quantiles(sizes, n=4, method="inclusive")) == QUARTILES
    assert level(QUARTILES[0]) is Level.SMALL
    assert level(QUARTILES[2] + 1) is Level.VERY_LARGE


def test_a_renderer_says_how_many_files_and_tests_it_makes() -> None:
    """What is predicted is the sum of a renderer's own rates."""
    spec = parse("Build a blog with authentication and comments")
    rates = Rates(
        files=10, files_per_entity=2.5, files_of_auth=3,
        tests=7, tests_per_entity=1, tests_per_cell=0, tests_per_rule=0, tests_per_relation=2,
    )  # fmt: skip
    found = measure(spec, rates)
    assert found.files == round(10 + 2.5 * 3 + 3)
    assert found.tests == 7 + 3 + 2 * 3


def test_more_to_build_is_more_to_test() -> None:
    """A feature adds points, files and tests."""
    small, big = (measure(parse(f"Build a blog with authentication{more}")) for more in ("", ", comments and tags"))
    assert big.cosmic > small.cosmic
    assert big.files > small.files
    assert big.tests > small.tests
