"""What a text leaves out, or keeps for later, is not built, and it is told."""

from __future__ import annotations

import pytest

from headwater.synthesis.project.checking import check
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.spec import FeatureKind, Spec

BASE = "A recipe site. Users post recipes. A recipe has a title and a body."
OUT: tuple[tuple[str, str, str], ...] = (
    ("heading", f"{BASE}\n\n## Out of scope\n- comments\n- suppliers\n", "comments"),
    ("heading in bold", f"{BASE}\n\n**Not included**\n\n- comments\n- payments\n", "comments"),
    ("heading with a colon", f"{BASE}\n\nWon't have:\n- comments\n", "comments"),
    ("line", f"{BASE}\n\nNon-goals: comments, payments.\n", "comments"),
    ("label in a line", f"{BASE} Out of scope: comments, tags.", "tags"),
    ("not needed", f"{BASE} We do not need comments or tags.", "tags"),
    ("said of it", f"{BASE} Comments and payments are out of scope.", "payments"),
    ("is not needed", f"{BASE} Comments are not needed.", "comments"),
    ("without", "Build a recipe site without comments. A recipe has a title.", "comments"),
    ("no", f"{BASE} No comments, no tags.", "comments"),
    ("there are no", f"{BASE} There are no comments and no ratings.", "ratings"),
    ("with a reason", f"{BASE} We don't need payments, we do that at the counter.", "payments"),
)
LATER: tuple[tuple[str, str], ...] = (
    ("heading", f"{BASE}\n\nNice to have:\n- comments\n- tags\n"),
    ("markdown", f"{BASE}\n\n### Could have\n- comments\n\n### Must have\n- search\n"),
    ("line", f"{BASE}\n\nLater: comments, tags.\n"),
    ("nice", f"{BASE} It would be nice to have comments."),
    ("later", f"{BASE} Later we may add comments."),
    ("can wait", f"{BASE} Comments can wait until later."),
)


def kinds(spec: Spec) -> set[str]:
    return {each.kind.value for each in spec.features}


@pytest.mark.parametrize(("text", "named"), [each[1:] for each in OUT], ids=[each[0] for each in OUT])
def test_what_is_left_out_is_not_built(text: str, named: str) -> None:
    """No feature and no entity comes of it, and an assumption names it with its place."""
    spec = parse(text)
    assert not check(spec)
    assert not {"comments", "payments", "tags", "ratings"} & kinds(spec)
    assert spec.entity("Comment") is None
    assert spec.entity("Recipe") is not None
    told = next(each for each in spec.assumptions if each.text.startswith("Left out"))
    assert named in told.text.lower()
    assert told.span is not None
    assert named in text[told.span.start : told.span.end].lower()


@pytest.mark.parametrize("text", [each[1] for each in LATER], ids=[each[0] for each in LATER])
def test_what_is_nice_to_have_is_asked_about(text: str) -> None:
    """It is not built; an open question names it, with its place."""
    spec = parse(text)
    assert not {"comments", "tags"} & kinds(spec)
    asked = next(each for each in spec.questions if each.text.startswith("Nice to have"))
    assert asked.taken == "left out"
    assert asked.span is not None
    assert "comments" in text[asked.span.start : asked.span.end].lower()


def test_what_stands_behind_the_list_is_read_again() -> None:
    """The passage ends where something else is headed."""
    spec = parse(f"{BASE}\n\n## Out of scope\n- payments\n\n## Cook\n- name\n- email\n")
    assert spec.entity("Cook") is not None
    assert "payments" not in kinds(spec)


@pytest.mark.parametrize(
    "text",
    [
        "Members book rooms. No two bookings may overlap. A room has a name.",
        "Visitors can browse rooms without an account. A room has a name.",
        "There is no limit to rooms. A room has a name.",
        "We do not want members to cancel late. A room has a name.",
        "As a member, I don't want to lose my rooms. A room has a name.",
    ],
)
def test_rules_are_nothing_that_is_left_out(text: str) -> None:
    """A limit, a right or a wish with a verb leaves nothing out."""
    spec = parse(text)
    assert not any(each.text.startswith("Left out") for each in spec.assumptions)
    assert spec.entity("Room") is not None
    assert spec.account is not None


def test_no_login_closes_the_application() -> None:
    """A login among what is left out means that nobody signs in; no registration alone does not."""
    assert parse("Books have a title. We do not need fines, reservations or a login.").account is None
    assert parse("Books have a title. No user registration, an admin creates the accounts.").account is not None


def test_a_contradiction_about_scope_is_asked() -> None:
    """What is left out in one place and asked for in another stays out, and it is asked."""
    spec = parse(f"{BASE} Users comment on recipes.\n\nOut of scope:\n- comments\n")
    assert spec.feature(FeatureKind.COMMENTS) is None
    assert any("leaves out comments" in each.text for each in spec.questions)
