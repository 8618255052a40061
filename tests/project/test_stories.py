"""The measure of reading user stories counts as it says, on stories of our own."""

from __future__ import annotations

import json
from pathlib import Path

from headwater.synthesis.project.parsing.concepts import concepts, mentions
from headwater.synthesis.project.parsing.statements import statement, statements
from tests.eval.stories import Score, alike, meant, measure, of_classes, of_pairs, plain, table

STORIES = [
    "As a gardener, I want to add plants to a bed, so that I know what grows where.",
    "As a gardener, I want to water my plants.",
    "As a gardener, I want to record harvests of a plant.",
    "As an administrator, I want to delete beds.",
]


def test_a_set_is_measured(tmp_path: Path) -> None:
    """Plants, beds and harvests are found, and which of them belong together."""
    path = tmp_path / "garden.json"
    gold = {
        "stories": STORIES,
        "classes": ["plants", "bed", "harvest"],
        "synonyms": [],
        "associations": [["plant", "bed"], ["harvest", "plant"]],
    }
    path.write_text(json.dumps(gold))
    row = measure(path)
    assert row.classes == Score(right=3, wrong=0, missed=0)
    assert row.given.right == 2
    assert "garden" in table([row])


def test_synonyms_are_not_punished_twice() -> None:
    """A second name for a class that was found counts neither way."""
    score = of_classes(["form", "consent form", "dog"], {"form": "form"}, {"consent form": "form"})
    assert score == Score(right=1, wrong=1, missed=0)


def test_stems_match_singular_and_plural_in_either_order() -> None:
    """Stems of a pair stand for the classes that begin so; who does something is not what is done."""
    classes = ["camper", "camp", "facilities", "estimators", "estimate"]
    assert plain("facilities") == plain("facility")
    assert meant("facil", classes) == {plain("facility")}
    assert meant("camp", classes) == {plain("camp")}
    assert meant("estim", classes) == {plain("estimator"), plain("estimate")}
    pair = (meant("camper", classes), meant("facil", classes))
    assert alike("facility", "camper", pair)
    assert not alike("facility", "camp", pair)
    assert of_pairs([("camper", "facility"), ("facility", "camper")], [pair]) == Score(right=1, wrong=1, missed=0)


def test_a_story_has_three_parts() -> None:
    """Role, means and ends are told apart; prose has means only."""
    found = statement("As a team leader, I want to plan shifts, so that nobody is overworked.", 10)
    assert found.role is not None
    assert found.ends is not None
    assert [each.name for each in found.role.phrases] == ["team leader"]
    assert [each.name for each in found.means.phrases] == ["shift"]
    plain_ones = list(statements("We plan shifts. We like tea."))
    assert [each.role for each in plain_ones] == [None, None]


def test_what_is_acted_on_is_a_concept_and_what_describes_is_not() -> None:
    """Things that are added are concepts; the application, lists, names and dates are none."""
    texts = [statement(each, 0) for each in (
        "As a user, I want to see a list of invoices on my screen.",
        "As a user, I want to change the name and the date of an invoice.",
    )]  # fmt: skip
    assert [each.name for each in concepts(mentions(texts))] == ["invoice"]
