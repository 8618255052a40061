"""Calls that notice small changes of the code: they are found, they hold, and the changes leave nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from pathlib import Path

    from tests.synthesis.conftest import Project

FEES = """
LIMIT = 12


def fee(amount: int, rate: int = 3) -> int:
    return amount * rate + LIMIT


def label(name: str, width: int) -> str:
    text = name.strip()
    return text[:width] + "..." if len(text) > width else text
"""


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("amount * rate", "amount // rate"),
        ("rate: int = 3", "rate: int = 4"),
        ("+ LIMIT", "- LIMIT"),
        ("> width", ">= width"),
        ('"..."', '"XX..."'),
        ("text[:width]", "text[width:]"),
    ],
)
async def test_small_changes_of_the_code_fail_a_test(project: Project, code: str, changed: str) -> None:
    """What lines and branches do not ask for is asserted as well: operators, defaults, bounds, texts."""
    project.write("fees.py", FEES)
    answer = await project.ask("fees", executions=3200)
    status, output = await project.run(answer.text)
    assert status == 0, output
    project.write("fees.py", FEES.replace(code, changed))
    status, _ = await project.run(answer.text)
    assert status == 1


async def test_what_notices_a_change_is_kept_by_the_word_of_the_writer(project: Project) -> None:
    """A call that shows what no other does says so, since no later run of mutants may have the time to see it."""
    project.write("sums.py", "def scaled(a: int, b: int, c: int) -> int:\n    return a * b - c\n")
    answer = await project.ask("sums", {"variety": 0}, executions=3200)
    assert [note for note in answer.notes if note.lasting]


KEEPS = """
SEEN = []


def add(x: int) -> int:
    if x > 3:
        SEEN.append(x)
    return len(SEEN) * 0 + x * 2
"""
ENDLESS = """
def drain(n: int) -> int:
    total = 0
    while n > 0:
        total += n
        n -= 1
    return total
"""
CACHED = """
import functools


@functools.lru_cache
def twice(x: int) -> int:
    return x * 2 + 1
"""


@pytest.mark.parametrize("source", [KEEPS, ENDLESS, CACHED], ids=["keeps", "endless", "cached"])
async def test_changes_leave_nothing_behind(project: Project, source: str) -> None:
    """Code that keeps things, caches them or runs on without an end under a change: what is asserted is the truth."""
    project.write("odd.py", source)
    answer = await project.ask("odd", executions=3200)
    assert "def test_" in answer.text
    status, output = await project.run(answer.text)
    assert status == 0, output


async def test_the_search_leaves_time_for_the_judgement(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a small budget the search takes a part, of a large one all but a few seconds."""
    project.write("one.py", "def one() -> int:\n    return 1\n")
    explore, asked = project.explore, list[float]()

    def noting(program: Path, request: Mapping[str, Any], seconds: float) -> AsyncGenerator[dict[str, Any], None]:
        asked.append(request["budget_seconds"])
        return explore(program, request, seconds)

    monkeypatch.setattr(project, "explore", noting)
    for budget in (10.0, 60.0):
        await project.ask("one", budget_seconds=budget)
    small, large = asked
    assert 7 < small <= 8
    assert 55 < large <= 56
