# ruff: noqa: E501, ISC004 — a text of the table is a text
"""Requirements in the style of many hands are read for what they say: things, values, relations, roles, rights."""

from __future__ import annotations

import pytest

from headwater.errors import Problem
from headwater.synthesis.project.checking import check
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.spec import Action, FeatureKind, FieldType, RelationKind, Scope, Spec

STYLES: tuple[tuple[str, str, str], ...] = (
    ("terse shop", "A shop with products, likes and payments", "Product Category Order OrderItem Like"),
    ("two words", "todo app", "Project Task"),
    ("brand", "Make me something like Trello", "Project Task"),
    ("clone", "a StackOverflow clone", "Board Topic Reply"),
    ("website", "real estate listings website", "Property Viewing"),
    ("joined word", "urlshortener with click stats", "ShortLink Click"),
    ("head and colon", "Recipe sharing site: users post recipes with ingredients and steps, rate the recipes of others "
     "and save favourites.", "Recipe Ingredient Review Favourite"),
    ("dash", "Habit tracker — users create habits (name, frequency: daily|weekly) and check them off.", "Habit"),
    ("brackets", "Pet adoption: a shelter lists animals (name, species, breed, age, photo). People apply to adopt an "
     "animal.", "Animal Application"),
    ("house", "Our non-profit collects donations. Donors give money to campaigns. A campaign has a goal amount.",
     "Donation Campaign"),
    ("sign up", "Members sign up for lessons. Trainers teach lessons. A lesson has a title.", "Lesson Registration"),
    ("passive", "Board games can be borrowed by members. A board game has a title.", "BoardGame Loan"),
    ("places", "Pallets are stored in racks. Every pallet holds crates. Each move is recorded with the time and the driver.",
     "Pallet Rack Move"),
    ("there are", "An app for a festival. There are several stages. Only managers may delete bands.", "Stage Band"),
    ("many", "A school has many classes, and every class has one teacher and up to 30 pupils. Teachers record grades.",
     "ClassRecord Pupil Grade"),
    ("with list", "Quiet chat application with rooms and messages", "Room Message"),
    ("compound", "Each employee belongs to exactly one department. Employees may request leave; the request has a start "
     "date. HR can view all leave requests.", "Employee Department LeaveRequest"),
    ("first person", "I have plants in rooms. Every plant needs water. Keep a log of waterings.", "Plant Watering"),
    ("law", "Clients have cases. For each case we keep documents and hearings (date, court, judge).",
     "Client CaseRecord Document Hearing"),
    ("table", "**Garage**\n\n| Entity | Fields |\n|---|---|\n| Vehicle | plate, year |\n| Job | price, status |\n",
     "Vehicle Job"),
    ("nested list", "Entities:\n  Repository: name, is_private boolean\n  Ticket: title, state open|closed, repository\n",
     "Repository Ticket"),
    ("headings", "# Hotel\n## Entities\n### Room\n- code: string, unique\n- type: single/double/suite\n### Stay\n- room (Room)\n",
     "Room Stay"),
    ("fields with ids", "Customer: id, name, e-mail\nOrderLine: order, qty, price\nOrder: id, total, customer\n",
     "Customer Order OrderLine"),
    ("stories", "As a coach, I want to schedule trainings.\nAs a parent, I want to see the trainings of my child.", "Training"),
    ("what is used", "A batch has a name. Each batch uses several ingredients.", "Batch Ingredient"),
    ("harvest", "Each farm has fields. A field has an area and a crop. Farmers record sowings for each field.",
     "FieldRecord Sowing"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "things"), [each[1:] for each in STYLES], ids=[each[0] for each in STYLES])
def test_the_things_of_each_style_are_found(text: str, things: str) -> None:
    """What is kept is found, what is not said to be kept is not added, and the spec is sound."""
    spec = parse(text)
    found = {each.name for each in spec.entities if not each.account}
    assert set(things.split()) <= found
    assert len(found) <= len(things.split()) + 1
    assert not check(spec)


JDL = """
/** What we send. */
entity Customer { name String required  email String required unique }
entity Invoice (invoices) {
  number String required unique maxlength(20)
  amount BigDecimal required min(0)
  dueDate LocalDate // when it must be paid
  status InvoiceStatus
}
enum InvoiceStatus { DRAFT, SENT, PAID }
relationship OneToMany { Customer{invoice} to Invoice{customer(name) required} }
paginate Invoice with pagination
"""


def test_entity_blocks_are_read() -> None:
    """Entities, enums and relationships in the notation of JDL are what the application keeps, and all of it."""
    spec = parse(JDL)
    assert [each.name for each in spec.entities] == ["User", "Customer", "Invoice"]
    invoice = spec.entity("Invoice")
    assert invoice is not None
    assert [(each.name, each.type, each.required) for each in invoice.fields] == [
        ("number", FieldType.STRING, True),
        ("amount", FieldType.DECIMAL, True),
        ("due_date", FieldType.DATE, False),
        ("status", FieldType.ENUM, True),
    ]
    assert invoice.fields[3].choices == ("draft", "sent", "paid")
    relation = next(each for each in spec.relations if each.target == "Customer")
    assert (relation.source, relation.name, relation.inverse) == ("Invoice", "customer", "invoice")
    assert (relation.kind, relation.optional) == (RelationKind.MANY_TO_ONE, False)
    assert spec.feature(FeatureKind.AUTH) is not None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("entity A { a Colour }", "A.a"),
        ("entity A { a String b }", "A"),
        ("entity A { a String }\nrelationship ManyToOne { A{b} to B }", "relationship"),
    ],
)
def test_an_entity_block_that_cannot_be_used_is_refused(text: str, place: str) -> None:
    """An unknown type, half a field and a missing entity are named with their place."""
    with pytest.raises(Problem) as caught:
        parse(text)
    assert caught.value.reason == "BLOCK_INVALID"
    assert caught.value.violations[0].field == f"requirements.{place}"
    assert caught.value.remedy


def scopes(spec: Spec, role: str, entity: str) -> str:
    row = spec.permission(role, entity)
    assert row is not None
    return " ".join(row.scope(each) for each in Action)


def test_who_may_is_told_apart_within_a_sentence() -> None:
    """Rights belong to those who stand before their verb; "only" keeps the others from it."""
    spec = parse(
        "Only authors and editors can edit posts. Readers can view posts. Readers can write comments, but nobody but "
        "moderators may delete comments. Patients may see only their own notes. Nurses write notes."
    )
    assert scopes(spec, "author", "Post") == "own all own own"
    assert scopes(spec, "editor", "Post") == "all all all all"
    assert scopes(spec, "reader", "Post").split()[2] == "none"
    assert scopes(spec, "reader", "Comment").split()[3] == "none"
    assert scopes(spec, "moderator", "Comment").split()[3] == "all"
    assert scopes(spec, "nurse", "Note").split()[1] == "all"
    assert scopes(spec, "patient", "Note").split()[1] == "own"


def test_everything_is_everything_but_what_is_personal() -> None:
    """Who may see everything sees all rows; private messages stay with those who wrote and got them."""
    spec = parse(
        "A forum with private messages. Visitors can read everything. Inspectors can read everything but must not "
        "change anything. Moderators can delete topics."
    )
    for role in ("visitor", "inspector"):
        assert scopes(spec, role, "Topic") == "none all none none"
    assert scopes(spec, "visitor", "Message") == "none none none none"
    assert scopes(spec, "moderator", "Message") == "own own own own"


def test_somebody_without_an_account_is_a_visitor() -> None:
    """Only the sentence's own people need not sign in; the others do."""
    spec = parse(
        "Couriers update the status of a package (created, in transit, delivered). Customers track packages without "
        "login. A package has a tracking number which is unique."
    )
    assert spec.account is not None
    assert scopes(spec, "visitor", "Package") == "none all none none"
    package = spec.entity("Package")
    assert package is not None
    status, number = package.field("status"), package.field("tracking_number")
    assert status is not None
    assert number is not None
    assert status.choices == ("created", "in_transit", "delivered")
    assert number.unique


@pytest.mark.parametrize("turned", [False, True], ids=["as it stands", "the other way round"])
def test_of_contradictions_the_stricter_counts_and_they_are_asked(*, turned: bool) -> None:
    """In either order the same is taken; a question asks, and both places are told."""
    said = [
        "Only admins can delete posts.", "A post has a title.", "The title is required.", "Members can edit posts.",
        "A post has one author.", "Users can delete posts.", "The title is optional.", "Members must not edit posts.",
        "A post has many authors.",
    ]  # fmt: skip
    text = " ".join([said[1], *reversed(said)] if turned else said)
    spec = parse(text)
    asked = {each.text: each for each in spec.questions if "place" in each.text}
    assert sorted(each.taken for each in asked.values()) == ["may not", "one", "only admin", "required"]
    assert all(each.taken in each.choices and each.span for each in asked.values())
    told = [each.span for each in spec.assumptions if "the stricter counts" in each.text]
    places = {text[each.start : each.end].rstrip(".").lower() for each in told if each}
    assert {
        "only admins can delete posts",
        "users can delete posts",
        "the title is required",
        "the title is optional",
    } <= places
    assert {"members can edit posts", "members must not edit posts"} <= places
    assert len(told) == 8
    assert scopes(spec, "member", "Post").split()[2:] == ["none", "none"]
    relation = next(each for each in spec.relations if "author" in each.name)
    assert relation.kind is RelationKind.MANY_TO_ONE


def test_what_is_left_open_is_asked_once() -> None:
    """Things that nobody spoke of seeing are asked about; a sentence settles it."""
    open_text = "A dog has a name. A walk has a date."
    asked = parse(open_text).questions
    assert [each.text for each in asked] == ["Who may see dogs and walks?"]
    settled = parse(f"{open_text} Users can see only their own dogs. Users can see only their own walks.")
    assert not settled.questions
    assert scopes(settled, "member", "Dog").split()[1] == Scope.OWN


def test_strangers_who_register_do_not_look_after_what_staff_does() -> None:
    """Where some roles look after rows, whoever registers without a role sees his own only."""
    spec = parse("Receptionists can manage patients. A patient has a name and a phone number. Nurses record vitals.")
    assert scopes(spec, "receptionist", "Patient") == "all all all all"
    assert "all" not in scopes(spec, "member", "Patient")
