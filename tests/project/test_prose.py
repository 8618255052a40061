# ruff: noqa: E501 — a text of the table is a text
"""What prose says in passing is read for what it means: whose values, how many, who acts, and what names stand for."""

from __future__ import annotations

import pytest

from headwater.synthesis.project.checking import check
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.spec import FieldType, RelationKind, Spec

SAID: tuple[tuple[str, str, str], ...] = (
    ("a kind of house", "Each apartment has a location, an address and a status.", "Apartment location address status"),
    ("a person", "A student has a name, an email and a phone number.", "Student name email phone_number"),
    ("a list without a verb", "Must have: projects with a name, tasks with a title and a due date.", "Task title due_date"),
    ("another of the list", "Must have: projects with a name, tasks with a title and a due date.", "Project name"),
    ("it", "A match is played in a hall; it has a date, a start time and a score.", "MatchRecord start_time score"),
    ("behind a colon", "Employees submit leave requests: start date, end date, reason.", "LeaveRequest start_date end_date"),
    ("for each", "A car has a plate. Fuel is recorded for each car: date, litres and price.", "Fuel on_date litres price"),
    ("is created with", "A rental contract is created with the mileage and the fuel level.", "RentalContract mileage"),
    ("a treatment for", "As a vet, I want to write a treatment for an animal with diagnosis and cost.", "Treatment diagnosis"),
    ("people who are kept", "As a clerk, I want to register pet owners with their name and phone.", "PetOwner name phone"),
    ("lists in a line", "Build an app for a garage. Client: name, phone. Car: make, year, client.", "Car make year"),
    ("counters", "Track: title, plays, downloads", "Track plays downloads"),
    ("two moments", "## Campaign\n- title\n- starts on / ends on\n- paid at\n", "Campaign starts_on ends_on paid_at"),
    ("a heading that explains", "**Update** - news for a campaign\n- title\n- body\n", "Update title body"),
)  # fmt: skip


def fields(spec: Spec, name: str) -> set[str]:
    entity = spec.entity(name)
    assert entity is not None, [each.name for each in spec.entities]
    return {each.name for each in entity.fields}


@pytest.mark.parametrize(("text", "expected"), [each[1:] for each in SAID], ids=[each[0] for each in SAID])
def test_values_belong_to_the_thing_that_is_meant(text: str, expected: str) -> None:
    """The thing is kept, with the values that the words give it."""
    name, *wanted = expected.split()
    spec = parse(text)
    assert not check(spec)
    assert set(wanted) <= fields(spec, name)


def test_a_counted_noun_is_shared() -> None:
    """A match has two teams, and a team several matches."""
    spec = parse("A team has a name. A match has two teams and a date.")
    relation = next(each for each in spec.relations if each.source == "MatchRecord" and each.target == "Team")
    assert relation.kind is RelationKind.MANY_TO_MANY


def test_a_number_of_something_is_a_field_and_no_feature() -> None:
    """`likes (number)` counts; nobody likes posts for that."""
    spec = parse("Post: title, likes (number), comments (number), rating (1-5)")
    post = spec.entity("Post")
    assert post is not None
    assert {each.type for each in post.fields if each.name in {"likes", "comments", "rating"}} == {FieldType.INTEGER}
    assert not {"likes", "comments", "ratings"} & {each.kind.value for each in spec.features}


def test_steps_of_a_scenario_are_sentences() -> None:
    """Who acts in a step is a role, what comes to be is kept."""
    spec = parse(
        "Feature: renting\n  Scenario: book\n    Given a car with a plate and a brand\n    When the customer books the car\n"
        "    Then a booking is created with a pickup date and a total price\n"
    )
    assert "customer" in {each.name for each in spec.roles}
    assert {"pickup_date", "total_price"} <= fields(spec, "Booking")
    assert any(each.source == "Booking" and each.target == "Car" for each in spec.relations)


def test_a_list_of_roles_is_read() -> None:
    """A line and a heading with bullets both name roles; they are no things."""
    for text in (
        "Roles: employee, manager and HR\n\nA shift has a date.",
        "## Roles\n- Nurse: writes\n- Cook\n\nA meal has a name.",
    ):
        spec = parse(text)
        assert len(spec.roles) >= 4
        assert len(spec.entities) == 2


def test_names_that_become_one_are_one_thing() -> None:
    """Blanks, hyphens and capitals make no other thing, and characters without a width no other name."""
    spec = parse("Order item: name\nOrderItem: title\norder-item: price\nOr\u200bder: to\u00adtal\n")
    assert {each.name for each in spec.entities} == {"User", "OrderItem", "Order"}
    assert {"name", "title", "price"} <= fields(spec, "OrderItem")
    assert fields(spec, "Order") == {"total"}


def test_names_of_any_length_are_cut() -> None:
    """A word of many letters is a thing with a name that is not too long."""
    for text in ("a" * 200_000, f"{'b' * 300}: name, {'c' * 300}"):
        assert not check(parse(text))


def test_what_accounts_have_one_of_is_offered_to_them() -> None:
    """A plan of members is nobody's own, and an account can be made without one."""
    spec = parse("Members have a membership plan. A membership plan has a name and a monthly fee.")
    plan = spec.entity("MembershipPlan")
    assert plan is not None
    assert not plan.owner
    assert all(each.optional for each in spec.relations if each.source == "User")


def test_marks_of_chinese_and_japanese_are_those_of_lists() -> None:
    """Wide colons and commas part things and fields, whose names are spelt in Latin letters and keep their labels."""
    spec = parse("文章：标题、内容\n评论：正文")
    assert fields(spec, "WenZhang") == {"biao_ti", "nei_rong"}
    assert fields(spec, "PingLun") == {"zheng_wen"}
    article = spec.entity("WenZhang")
    assert article is not None
    assert (article.label, [each.label for each in article.fields]) == ("文章", ["标题", "内容"])
