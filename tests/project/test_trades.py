# ruff: noqa: E501 — a text of the table is a text
"""What product owners of many trades write gives the things, relations and rights that they mean, and no others."""

from __future__ import annotations

import pytest

from headwater.synthesis.project.checking import check
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.spec import Action, FeatureKind, FieldType, OnDelete, RelationKind, Scope, Spec

MANY = RelationKind.MANY_TO_MANY


def scopes(spec: Spec, role: str, entity: str) -> str:
    row = next(each for each in spec.permissions if (each.role, each.entity) == (role, entity))
    return " ".join(row.scope(each).value for each in Action)


def names(spec: Spec) -> set[str]:
    return {each.name for each in spec.entities if not each.account}


def fields(spec: Spec, entity: str) -> dict[str, FieldType]:
    found = spec.entity(entity)
    assert found is not None
    return {each.name: each.type for each in found.fields}


def links(spec: Spec) -> set[tuple[str, str, str]]:
    return {(each.source, each.name, each.target) for each in spec.relations}


ROLES: tuple[tuple[str, str, set[str]], ...] = (
    ("an aside is no role", "As agreed last week we keep books. Readers borrow books.", {"reader"}),
    ("a compound role keeps its words", "As a night nurse, I want to write shift notes.", {"night_nurse"}),
    ("a crew without a plural", "Staff manage boats. Skippers can see boats.", {"staff", "skipper"}),
    ("people behind a passive", "Menus are maintained by the chef. Waiters can see menus.", {"chef", "waiter"}),
    ("a compound of an administrator", "Site editors can do everything. Readers can view articles.", {"site_editor", "reader"}),
)  # fmt: skip


@pytest.mark.parametrize(("text", "found"), [each[1:] for each in ROLES], ids=[each[0] for each in ROLES])
def test_who_acts_is_a_role_and_nothing_else(text: str, found: set[str]) -> None:
    """Asides, adverbs of time and parts of compounds are no roles; crews and who stands behind a passive are."""
    spec = parse(text)
    assert not check(spec)
    assert {each.name for each in spec.roles} - {"visitor", "admin", "member"} == found


RIGHTS: tuple[tuple[str, str, str, str, str], ...] = (
    ("both objects", "Supervisors manage cranes and trucks. Drivers can see trucks.", "supervisor", "Crane", "all all all all"),
    ("what one makes others see", "Brewers create batches and recipes. Tasters can see batches.", "taster", "Recipe", "none all none none"),
    ("only reading", "Coaches create drills. Parents can only look at things. A drill has a title.", "parent", "Drill", "none all none none"),
    ("only read, of everything", "A plot has a number. Gardeners edit everything, neighbours only read.", "neighbour", "Plot", "none all none none"),
    ("one act of who looks after", "As a writer, I want to write stories with a title.\nAs an editor, I want to pin stories.", "editor", "Story", "none all all none"),
    ("a value that is entered", "Match: date, score\nOrganisers manage matches. Arbiters enter scores.",
     "arbiter", "MatchRecord", "none all all none"),
    ("an overview", "Team: name, points\nEveryone can see the standings. Captains manage teams.", "captain", "Team", "all all all all"),
    ("the passive", "Recipes have a title. Recipes are maintained by the chef. Waiters can see recipes.", "waiter", "Recipe", "none all none none"),
    ("without an account", "A walk has a title. Guides manage walks and tours. Visitors can browse walks and tours without an account.",
     "visitor", "Tour", "none all none none"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "role", "entity", "said"), [each[1:] for each in RIGHTS], ids=[each[0] for each in RIGHTS]
)
def test_rights_are_those_that_are_stated(text: str, role: str, entity: str, said: str) -> None:
    """What a sentence gives to one role, the others do not have; to read stays."""
    spec = parse(text)
    assert not check(spec)
    found = scopes(spec, role, entity)
    assert found == said or found.replace("own", "all") == said


def test_staff_and_customers_are_told_apart_behind_a_comma() -> None:
    """A comma begins the next clause; who borrows what others manage keeps what is theirs."""
    spec = parse(
        "A canoe has a number. Staff manage canoes and rentals, customers can only see their own rentals. Customers rent canoes."
    )
    assert scopes(spec, "staff", "Canoe") == "all all all all"
    assert scopes(spec, "customer", "Canoe") == "none all none none"
    assert scopes(spec, "customer", "Rental").startswith("own own")


def test_whose_department_it_is_joins_no_things() -> None:
    """The branch in "the reports of their branch" is that of whoever acts."""
    spec = parse("Report: title\nBranch: name\nAuditors approve the reports of their branch.")
    assert not {each for each in links(spec) if {each[0], each[2]} == {"Report", "Branch"}}


def test_one_in_many_is_many_to_many() -> None:
    """That "a song can be on many albums" makes both sides many, whatever else joins them."""
    spec = parse(
        "An album has a title and a list made of several songs. A song has a title; a song can be on many albums."
    )
    kinds = [each.kind for each in spec.relations if {each.source, each.target} == {"Song", "Album"}]
    assert kinds == [MANY]


def test_what_happens_where_when_and_by_whom() -> None:
    """Places and people that are kept are relations, other places and times are values."""
    spec = parse(
        "Teachers: name, email\nRooms: number\n\nA workshop takes place in a room, on a weekday, and is held by a teacher.\n"
    )
    assert ("Workshop", "room", "Room") in links(spec)
    assert ("Workshop", "teacher", "Teacher") in links(spec)
    assert "weekday" in fields(spec, "Workshop")


def test_a_verb_behind_a_comma_speaks_of_the_first_noun() -> None:
    """Where "auctions take place at a hall on a date, have a title": the auction has the title, and no date is kept apart."""
    spec = parse("Auctions take place at a hall on a date, have a title and a catalogue number.")
    assert names(spec) == {"Auction"}
    assert fields(spec, "Auction") | {"hall": FieldType.STRING} == fields(spec, "Auction")
    assert fields(spec, "Auction")["on_date"] is FieldType.DATE


def test_nouns_behind_a_comma_and_with_belong_to_the_subject() -> None:
    """That "shifts belong to a festival, with start and end time" gives two times to the shift."""
    spec = parse("A festival has a name. Shifts belong to a festival, with start and end time.")
    assert fields(spec, "Shift") == {"start_time": FieldType.DATETIME, "end_time": FieldType.DATETIME}
    assert fields(spec, "Festival").keys() == {"name"}


def test_what_is_noted_of_a_thing_is_a_thing() -> None:
    """Where "we want to note leaks on a pipe, with a photo" the leak has the photo, and belongs to the pipe."""
    spec = parse(
        "A pipe has a serial number. We also want to note leaks on a pipe, with a photo and the estimated cost."
    )
    assert fields(spec, "Leak") == {"photo": FieldType.FILE, "estimated_cost": FieldType.DECIMAL}
    assert ("Leak", "pipe", "Pipe") in links(spec)


def test_a_sentence_behind_a_colon_is_read() -> None:
    """The clause in "we send alerts: an alert has a level" says what an alert has."""
    spec = parse("Sensors raise alerts: an alert has a level (low, high) and a message. A sensor has a name.")
    assert {"level", "message"} <= fields(spec, "Alert").keys()
    assert fields(spec, "Sensor").keys() == {"name"}


VALUES: tuple[tuple[str, str, str, FieldType], ...] = (
    ("a range of a plural", "Course: title, modules (1-12)", "modules", FieldType.INTEGER),
    ("a range of a name", "Course: title, nickname (3-20)", "nickname", FieldType.STRING),
    ("a number that counts", "Course: title, lap number", "lap_number", FieldType.INTEGER),
    ("a number that names", "Course: title, passport number", "passport_number", FieldType.STRING),
    ("scores", "Course: title, outcome (2-0, 0-2, 1-1)", "outcome", FieldType.ENUM),
    ("grades in numbers", "Course: title, age rating (0, 6, 12, 16)", "age_rating", FieldType.INTEGER),
    ("a worth", "Course: title, market value", "market_value", FieldType.DECIMAL),
    ("a time that it takes", "Course: title, travel time", "travel_time", FieldType.INTEGER),
    ("a flag of a reserved name", "Course: title, public boolean", "is_public", FieldType.BOOLEAN),
    ("a flag of a sentence", "A course has a title and is public.", "is_public", FieldType.BOOLEAN),
)  # fmt: skip


@pytest.mark.parametrize(("text", "name", "kind"), [each[1:] for each in VALUES], ids=[each[0] for each in VALUES])
def test_values_have_the_type_that_they_speak_of(text: str, name: str, kind: FieldType) -> None:
    """Counts are whole numbers, scores are choices, worth is money, flags are flags."""
    spec = parse(text)
    assert not check(spec)
    assert fields(spec, "Course")[name] is kind


def test_moments_can_be_filtered_by() -> None:
    """A moment is filtered by like a day."""
    spec = parse("Ride: title, starts_at datetime, opened_on date")
    ride = spec.entity("Ride")
    assert ride is not None
    assert {each.name for each in ride.fields if each.filtered} == {"starts_at", "opened_on"}


def test_a_row_for_each_field_of_a_table() -> None:
    """A table of entities, fields, types and notes gives each thing its fields; an empty cell repeats the one above."""
    spec = parse(
        "| Entity | Field | Type | Notes |\n|---|---|---|---|\n| Boat trip | starts at | datetime | required |\n"
        "| | kind | sail / motor | default sail |\n| Harbour | name | text | unique |\n\nSkippers cancel the trips."
    )
    assert fields(spec, "BoatTrip") == {"starts_at": FieldType.DATETIME, "kind": FieldType.ENUM}
    assert fields(spec, "Harbour") == {"name": FieldType.STRING}


def test_what_goes_with_its_whole_and_what_keeps_it() -> None:
    """Deleting a kind does not delete what is of it; deleting a book deletes its chapters."""
    spec = parse(
        "Book: title, category required -> Category\nCategory: name\nA book has many chapters. Chapters have a title."
    )
    rules = {(each.source, each.target): each.on_delete for each in spec.relations}
    assert rules["Book", "Category"] is OnDelete.RESTRICT
    assert rules["Chapter", "Book"] is OnDelete.CASCADE


def test_a_schema_keeps_what_is_unique_together_and_what_goes_with_it() -> None:
    """`UNIQUE (a, b)` and `ON DELETE CASCADE` are carried over; a reference without it restricts."""
    spec = parse(
        "CREATE TABLE shelf (id INT PRIMARY KEY, name TEXT NOT NULL);\n"
        "CREATE TABLE item (id INT PRIMARY KEY, name TEXT NOT NULL);\n"
        "CREATE TABLE place (shelf_id INT NOT NULL REFERENCES shelf(id) ON DELETE CASCADE,\n"
        "  item_id INT NOT NULL REFERENCES item(id), spot INT NOT NULL, CONSTRAINT once UNIQUE (shelf_id, item_id));\n"
    )
    place = spec.entity("Place")
    assert place is not None
    assert place.together == (("shelf", "item"),)
    assert {each.name: each.on_delete for each in spec.relations if each.source == "Place" and each.name != "owner"} == {
        "shelf": OnDelete.CASCADE, "item": OnDelete.RESTRICT,
    }  # fmt: skip


def test_a_block_may_set_fields_and_relations_apart() -> None:
    """`fields:` and `relations:` below an entity are read, with lengths under the names of JSON schemas."""
    spec = parse(
        "entities:\n  Gauge:\n    fields:\n      serial: {type: string, required: true, max_length: 40}\n"
        "  Sample:\n    fields:\n      level: {type: decimal}\n    relations:\n"
        "      gauge: {to: Gauge, kind: many_to_one, on_delete: cascade}\n"
    )
    gauge = spec.entity("Gauge")
    assert gauge is not None
    assert gauge.fields[0].maximum == 40
    assert [each.on_delete for each in spec.relations if each.name == "gauge"] == [OnDelete.CASCADE]


def test_steps_name_things_and_bring_no_kind_of_application() -> None:
    """Scenarios give the things of their steps with what they have; a word in common brings no further tables."""
    spec = parse(
        "Feature: Fishing licences\n  Anglers apply for fishing licences and wardens decide.\n\n"
        "  Scenario: Applying\n    Given an angler with a registered boat\n    When the angler submits a form for a lake\n"
        "    Then the angler sees it\n\n  Scenario: Granting\n    Given a form\n    When a warden approves the form\n"
        "    Then a licence with a valid-from and a valid-until date is issued\n"
    )
    assert {"FishingLicence", "Boat", "Lake", "Application"} <= names(spec)
    assert fields(spec, "FishingLicence")["valid_from"] is FieldType.DATE
    assert not spec.archetypes


def test_what_is_sent_by_mail_is_a_notification() -> None:
    """An invoice that one gets by mail is no table; updates that are posted are."""
    spec = parse(
        "As a shipper, I want to create parcels with a weight and an address.\n"
        "As a shipper, I want to post updates to my parcel.\nAs a shipper, I want to receive a confirmation slip by email."
    )
    assert {"Parcel", "Update"} <= names(spec)
    assert not any("Slip" in each for each in names(spec))
    assert FeatureKind.NOTIFICATIONS in {each.kind for each in spec.features}


def test_what_one_need_not_bother_with_is_left_out() -> None:
    """To say "don't bother with comments" leaves them out; a spreadsheet that is replaced asks for no export."""
    spec = parse("We replace our spreadsheet of bees. A hive has a name. Don't bother with comments for now.")
    assert not {FeatureKind.COMMENTS, FeatureKind.EXPORT} & {each.kind for each in spec.features}


def test_who_uploads_keeps_what_was_uploaded() -> None:
    """All who sign in see an attachment, and only who uploaded it changes it."""
    spec = parse("Tickets have a title and a status. Users can upload attachments to tickets. Users can write tickets.")
    row = next(each for each in spec.permissions if each.entity == "Attachment" and each.role == "member")
    assert (row.update, row.read) == (Scope.OWN, Scope.ALL)
