# ruff: noqa: E501 — a text of the table is a text
"""How a text is written changes nothing of what it says: numbers of requirements, mails, tables, blocks, arrows."""

from __future__ import annotations

import pytest

from headwater.synthesis.project.checking import check
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.parsing.tidying import tidied
from headwater.synthesis.project.spec import Action, FieldType, RelationKind, Scope, Spec

MANNERS: tuple[tuple[str, str, str], ...] = (
    ("numbered requirements", "FR-1 The system shall keep a list of tools.\nFR-2 A tool has a name and a price.\nNFR-1 Pages load fast.\nNFR-2 It is safe.", "Tool name price"),
    ("numbered sections", "3.1 Sample\n    A sample is registered on arrival. Attributes: barcode (unique), volume in ml (0.1 to 50.0)\n3.2 Rack\n    A rack has a code.", "Sample barcode volume_in_ml"),
    ("a mail", "From: Dana\nTo: team\nSubject: Re: app\n\nHi all,\nwe need:\n- animals - name, birth date\n> On Tue, Joe wrote:\n> ok", "Animal name birth_date"),
    ("underlined headings", "Entities\n========\nZone (code, name)\nPermit application (plate, proof (file), submitted at)", "PermitApplication plate proof submitted_at"),
    ("an article in front", "A line: amount, billable flag.\nA trip: title, cost.", "Line amount billable"),
    ("what somebody does", "- Create their wedding (date, venue, budget)\n- Seat guests at tables (number, seats)", "Wedding on_date venue budget"),
    ("what it is done to", "Sites have sensors. Sensors send readings: value (float), measured at", "Reading value measured_at"),
    ("a list within a list", "Track the budget: expenses with vendor name, amount, paid", "Expense vendor_name amount paid"),
    ("fields and sentences", "Bookings\n* booked at\n* attended yes/no\n* a member can cancel a booking\n", "Booking booked_at attended"),
    ("several in a bullet", "Members\n* full name, email, phone, date of birth, emergency contact\n* joined on\n", "Member full_name date_of_birth joined_on"),
    ("a colon behind are", "players are real footballers: name, club, position (GK, DEF), price, and they can be injured", "Player name club price"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [each[1:] for each in MANNERS], ids=[each[0] for each in MANNERS])
def test_things_are_found_however_they_are_written(text: str, expected: str) -> None:
    """The thing is kept with its values, and nothing of the manner is."""
    name, *wanted = expected.split()
    spec = parse(text)
    assert not check(spec)
    entity = spec.entity(name)
    assert entity is not None, [each.name for each in spec.entities]
    assert set(wanted) <= {each.name for each in entity.fields}
    assert not {each.name for each in spec.entities} & {"Fr", "Nfr", "Hey", "Attribute", "Budget", "Subject"}


def test_the_manner_is_taken_out_in_place() -> None:
    """What is left stands where it stood, and numbers are read whole."""
    text = "US-1 pay $10,000 if they want\nUS-2 ok\n"
    plain = tidied(text)
    assert len(plain) == len(text)
    assert plain.index("10000") == text.index("10,000")
    assert plain.startswith("-")
    assert "$" not in plain
    assert "optional" in plain


SHAPES = (
    "name: bugs\nentities:\n  Product: {name: string}\n  Bug: {title: 'string required max 80', product: -> Product, tags: [Label], fixed: -> Product optional}\n  Label: {name: string}\n",
    "project: bugs\nentities:\n  - name: Product\n    fields: [{name: string}]\n  - name: Bug\n    fields:\n      - title: string required max 80\n      - product: Product\n      - tags: Label[]\n      - fixed: Product?\n  - name: Label\n    fields: [{name: string}]\n",
    "app: bugs\nmodels:\n  - Product: [{name: name, type: string}]\n  - Bug:\n      attributes:\n        - {name: title, type: string, required: true, max: 80}\n        - product: Product (required)\n        - tags: list of Label\n        - fixed: Product (optional)\n  - Label: [{name: name, type: string}]\n",
)


@pytest.mark.parametrize("text", SHAPES)
def test_a_block_may_have_several_shapes(text: str) -> None:
    """Lists of names, of fields and of mappings say the same as mappings do."""
    spec = parse(text)
    assert not check(spec)
    bug = spec.entity("Bug")
    assert bug is not None
    title = bug.field("title")
    assert title is not None
    assert (title.type, title.required, title.maximum) == (FieldType.STRING, True, 80)
    found = {
        (each.name, each.target, each.kind, each.optional) for each in spec.outgoing("Bug") if each.target != "User"
    }
    one, many = RelationKind.MANY_TO_ONE, RelationKind.MANY_TO_MANY
    assert found == {("product", "Product", one, False), ("tags", "Label", many, True), ("fixed", "Product", one, True)}


def scopes(spec: Spec, role: str, entity: str) -> str:
    permission = spec.permission(role, entity)
    assert permission is not None
    letters = {Scope.NONE: "-", Scope.OWN: "o", Scope.ALL: "A"}
    return "".join(letters[permission.scope(each)] for each in Action)


TABLES = (
    ("Ticket: title, body\nNote: text\n\n| Role | Ticket | Note |\n|---|---|---|\n| customer | create, read, update own | - |\n| helper | all | read |\n", "oAo-", "----"),
    ("Ticket: title, body\nNote: text\n\n| Permission | Customer | Helper |\n|---|---|---|\n| Ticket | CR, update own | CRUD |\n| Note | none | R |\n", "oAo-", "----"),
    ("entities:\n  Ticket: {title: string}\n  Note: {text: text}\nroles: [customer, helper]\npermissions:\n  customer: {Ticket: [create, read, update own], Note: none}\n  helper: {Ticket: all, Note: [read]}\n", "oAo-", "----"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "ticket", "note"), TABLES)
def test_a_table_says_all_that_a_role_may(text: str, ticket: str, note: str) -> None:
    """What a cell names is granted and all else refused, whichever way round the table stands; roles are no things."""
    spec = parse(text)
    assert not check(spec)
    assert {each.name for each in spec.entities} == {"User", "Ticket", "Note"}
    assert scopes(spec, "customer", "Ticket") == ticket
    assert scopes(spec, "customer", "Note") == note
    assert scopes(spec, "helper", "Ticket") == "AAAA"
    assert scopes(spec, "helper", "Note") == "-A--"


def test_marks_below_roles_are_sentences() -> None:
    """A table of acts with a mark for each role reads like "editors can write articles"."""
    spec = parse(
        "An article has a title and a body.\n\n| Action | Visitor | Reader | Editor |\n|---|---|---|---|\n"
        "| View articles | ✓ | ✓ | ✓ |\n| Write articles | – | – | ✓ |\n| Delete articles | no | no | yes |\n"
    )
    assert scopes(spec, "visitor", "Article") == "-A--"
    assert scopes(spec, "reader", "Article") == "-A--"
    assert scopes(spec, "editor", "Article")[0] != "-"


def test_arrows_between_things_are_relations() -> None:
    """The number in brackets says how many; who is no thing is an account."""
    spec = parse(
        "Talk: title\nSlot: starts at\nReview: score 1..5\n\n- review -> talk, reviewer\n- slot -> talk (0..1)\n"
        "- one review per reviewer and talk\n"
    )
    assert not check(spec)
    review = spec.entity("Review")
    assert review is not None
    assert {each.target for each in spec.outgoing("Review")} >= {"Talk", "User"}
    assert {"reviewer", "talk"} in [set(each) for each in review.together]
    assert [each.optional for each in spec.outgoing("Slot") if each.target == "Talk"] == [True]


def test_a_line_gives_a_list_its_subject() -> None:
    """Each bullet below "editors can:" says what editors may."""
    spec = parse(
        "An essay has a title and a text.\n\nWriters can:\n- create essays\n- edit their essays\n\nReaders cannot:\n- delete essays\n"
    )
    assert {"writer", "reader"} <= {each.name for each in spec.roles}
    assert scopes(spec, "writer", "Essay").startswith("o")
    assert scopes(spec, "reader", "Essay").endswith("-")
