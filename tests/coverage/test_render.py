"""What every form of an analysis keeps to."""

from pathlib import Path

import pytest

from headwater.render import FORMS
from headwater.render.words import headline, ranges

from .analyses import EMPTY, FULL, gap, hostile

GOLDEN = Path(__file__).parents[1] / "data" / "render"


@pytest.mark.parametrize("name", ["text", "markdown", "github"])
def test_a_form_reads_as_recorded(name: str) -> None:
    """The whole output is what was looked at and kept."""
    assert FORMS[name].render(FULL) == (GOLDEN / f"full.{name}").read_text("utf-8")


@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_nothing_is_something(name: str) -> None:
    """An analysis that found nothing renders too."""
    assert FORMS[name].render(EMPTY).strip()


@pytest.mark.parametrize("name", FORMS)
def test_no_name_steers_a_terminal(name: str) -> None:
    """No form holds a control character or a sign that turns the writing around, whatever files are called."""
    text = FORMS[name].render(hostile())
    allowed = {"\n", "\u200b"} if name == "markdown" else {"\n"}
    assert {each for each in text if not each.isprintable()} <= allowed


@pytest.mark.parametrize("name", FORMS)
def test_rendering_changes_nothing(name: str) -> None:
    """The message is the same before and after: asking a map for what it lacks would add it."""
    before = FULL.complete.SerializeToString(deterministic=True), [each.SerializeToString() for each in FULL.files]
    FORMS[name].render(FULL)
    assert before == (
        FULL.complete.SerializeToString(deterministic=True),
        [each.SerializeToString() for each in FULL.files],
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"gap_type": "partial_branch", "condition": "x", "never": "true"}, "`x` is never true"),
        ({"gap_type": "partial_branch", "condition": "x", "never": "true or false"}, "`x` is never true or false"),
        (
            {"gap_type": "partial_branch", "never": "to line 7, to the exit"},
            "the condition never leads to line 7, to the exit",
        ),
        (
            {"gap_type": "partial_branch", "condition": "s", "never": "2 of its 3 arms"},
            "Of `s` 2 of its 3 arms are never taken",
        ),
        ({"gap_type": "partial_branch", "condition": "s", "never": "1 of its 1 arms"}, "`s` is never taken"),
        (
            {"gap_type": "exception_handler", "condition": "except E", "symbol": "f"},
            "`except E` of `f` is never reached",
        ),
        ({"gap_type": "exception_handler"}, "A handler of errors is never reached"),
        ({"gap_type": "uncovered_function"}, "A function is never called"),
        ({"gap_type": "uncovered_block", "symbol": "f"}, "Line 3 of `f` never runs"),
        ({"gap_type": "newer_than_this"}, "Line 3 never runs"),
    ],
)
def test_a_gap_is_told_in_a_sentence(fields: dict[str, str], told: str) -> None:
    """What never happened, and to what."""
    kind = fields.pop("gap_type")
    assert headline(gap(kind, "low", line_start=3, line_end=3, **fields)).startswith(told)


def test_lines_are_told_as_ranges() -> None:
    """Neighbours are one range, and what is too much is counted."""
    assert ranges([9, 1, 2, 3, 5, 7, 8], 9) == "1-3, 5, 7-9"
    assert ranges([1, 3, 5, 7], 2) == "1, 3 and 2 more"
