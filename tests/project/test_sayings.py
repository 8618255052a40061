# ruff: noqa: E501 — a text of the table is a text
"""What texts say of values, states and people in passing is kept: bounds, choices, defaults, units, once, own."""

from __future__ import annotations

import pytest

from headwater.synthesis.project.checking import check
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.spec import Action, FeatureKind, Field, FieldType, RelationKind, Scope, Spec, Standing

VALUES: tuple[tuple[str, str, str], ...] = (
    ("a time in minutes", "cooking time in minutes", "cooking_time_in_minutes:integer"),
    ("days with bounds", "delivery time in days (1 to 90)", "delivery_time_in_days:integer[1..90]"),
    ("square metres", "living area in square metres", "living_area_in_square_metres:decimal"),
    ("a year", "year of birth", "year_of_birth:integer"),
    ("bounds with a fraction", "volume (0.1 to 50.0)", "volume:decimal[0.1..50]"),
    ("two bounds in brackets", "wait in minutes (min 15, max 180)", "wait_in_minutes:integer[15..180]"),
    ("above nothing", "amount > 0", "amount:decimal[0.01..]"),
    ("a number of digits", "code (unique, 4 digits)", "code:string[4..4]!+"),
    ("so many characters", "barcode (mandatory, exactly 12 characters)", "barcode:string[12..12]!"),
    ("a grade", "confidence 1..3", "confidence:integer[1..3]"),
    ("of so much to so much", "expected wait of 15 to 480 minutes", "expected_wait:integer[15..480]"),
    ("a default in brackets", "currency (EUR default)", "currency:string=EUR"),
    ("a default with a unit", "wait default 20 min", "wait:integer=20"),
    ("a default that is a choice", "priority (routine = default, urgent)", "priority:routine|urgent"),
    ("a budget", "budget of 2 million", "budget:decimal=2000000"),
    ("choices with commas", "status: draft, sent, out for delivery; note", "status:draft|sent|out_for_delivery"),
    ("choices of numbers", "length 20|40 minutes", "length:integer[20..40]"),
    ("letters", "energy class (A to G)", "energy_class:a|b|c|d|e|f|g"),
    ("optionally", "optionally a photo", "photo:file"),
    ("what is in brackets is no name", "measured_at (timestamp, indexed)", "measured_at:datetime"),
    ("valid from", "valid from", "valid_from:date"),
    ("a question", "reserved?", "reserved:boolean"),
    ("or not", "done or not", "done:boolean"),
    ("day and time", "date & time", "date_time:datetime"),
    ("a limit", "upper limit", "upper_limit:decimal"),
)


def shown(field: Field) -> str:
    low, high = (("" if each is None else f"{each:g}") for each in (field.minimum, field.maximum))
    plain = field.type is FieldType.STRING and high == "200"
    bounds = f"[{low}..{high}]" if (low or high) and not plain else ""
    bounds = "" if bounds == "[0..]" else bounds
    if field.choices:
        return f"{field.name}:{'|'.join(field.choices)}"
    default = f"={field.default}" if field.default is not None and field.type is not FieldType.BOOLEAN else ""
    flags = "!" * (field.required and field.type is not FieldType.BOOLEAN) + "+" * field.unique
    return f"{field.name}:{field.type}{bounds}{flags}{default}"


@pytest.mark.parametrize(("said", "expected"), [each[1:] for each in VALUES], ids=[each[0] for each in VALUES])
def test_a_value_is_what_is_said_of_it(said: str, expected: str) -> None:
    """Type, bounds, choices and default are those of the words; the name holds nothing else."""
    spec = parse(f"Gadget: title, {said}\n")
    assert not check(spec)
    gadget = spec.entity("Gadget")
    assert gadget is not None
    assert expected in {shown(each) for each in gadget.fields}


def field(spec: Spec, path: str) -> Field:
    entity = spec.entity(path.split(".", maxsplit=1)[0])
    found = entity.field(path.split(".")[1]) if entity else None
    assert found is not None, [each.name for each in entity.fields] if entity else [each.name for each in spec.entities]
    return found


def test_lines_of_bounds_are_no_things() -> None:
    """`Goal amount: at least 100` bounds the field of that name, `Donation: …` the only number of a donation."""
    spec = parse(
        "A campaign has a title and a goal amount. A donation has an amount.\n\nConstraints\n"
        "- Goal amount: at least 100\n- Donation: minimum 1, maximum 10,000\n- A title has at most 150 characters.\n"
    )
    assert {each.name for each in spec.entities} == {"User", "Campaign", "Donation"}
    assert field(spec, "Campaign.goal_amount").minimum == 100
    assert (field(spec, "Donation.amount").minimum, field(spec, "Donation.amount").maximum) == (1, 10_000)
    assert field(spec, "Campaign.title").maximum == 150


def test_states_that_a_text_names_are_the_choices() -> None:
    """Quoted states, what is marked, and a chain of states; a single mark is a flag."""
    quoted = parse(
        'A booking has a date and a priority (low, high). Clerks create bookings. A new booking has the status "reserved". '
        'When it is over the status of the booking is "checked out".'
    )
    assert field(quoted, "Booking.status").choices == ("reserved", "checked_out")
    assert field(quoted, "Booking.priority").choices == ("low", "high")
    chain = parse("Each claim has a title.\nStates: draft -> submitted -> approved; or rejected.")
    assert field(chain, "Claim.status").choices == ("draft", "submitted", "approved", "rejected")
    marked = parse("A parcel has a code. Clerks can mark a parcel as insured.")
    assert field(marked, "Parcel.insured").type is FieldType.BOOLEAN


def test_what_is_unique_within_something_is_so_together() -> None:
    """The value alone may be there again."""
    spec = parse(
        "A charity has a name, a registration number and a country. The registration number is unique per country."
    )
    charity = spec.entity("Charity")
    assert charity is not None
    assert ("registration_number", "country") in charity.together
    assert not field(spec, "Charity.registration_number").unique


def scopes(spec: Spec, role: str, entity: str) -> str:
    permission = spec.permission(role, entity)
    assert permission is not None
    letters = {Scope.NONE: "-", Scope.OWN: "o", Scope.ALL: "A"}
    return "".join(letters[permission.scope(each)] for each in Action)


def test_one_thing_without_an_account_leaves_the_sign_in() -> None:
    """What anybody hands in has no owner; nobody but who looks after it sees it."""
    spec = parse(
        "Agents edit their own flats. A flat has a title and a price. Visitors send an enquiry with their name, their "
        "e-mail and a message; no account is needed for that. Agents answer enquiries."
    )
    assert spec.account is not None
    assert scopes(spec, "visitor", "Enquiry") == "A---"
    assert scopes(spec, "agent", "Enquiry")[1] == "A"
    reading = parse(
        "Judges may change their own cases. A case has a title. The public may consult cases without registration."
    )
    assert reading.account is not None


def test_what_visitors_see_everybody_sees() -> None:
    """Who signs in loses nothing by it."""
    spec = parse("Trainers: full name, bio\n\nVisitors can see the trainers. Members can book trainers.")
    assert scopes(spec, "visitor", "Trainer")[1] == "A"
    assert all(
        scopes(spec, each.name, "Trainer")[1] == "A" for each in spec.roles if each.standing is not Standing.ANONYMOUS
    )


def test_who_may_not_touch_what_is_others_may_touch_their_own() -> None:
    """A refusal that is about others is a right about oneself, and asks no question; kept guests sign in."""
    spec = parse(
        "A booking has a date. A guest has a name. A guest has a booking. Guests can cancel a booking. "
        "A guest cannot cancel a booking of another guest."
    )
    assert scopes(spec, "guest", "Booking")[3] == "o"
    assert not any("may delete" in each.text for each in spec.questions)
    relation = next(each for each in spec.relations if {each.source, each.target} == {"Booking", "Guest"})
    assert (relation.source, relation.kind) == ("Booking", RelationKind.MANY_TO_ONE)


def test_only_their_own_says_which_rows_and_not_which_acts() -> None:
    """Drivers who only see the defects of their own depot still report defects."""
    spec = parse(
        "A defect has a text. Drivers can report defects. Drivers shall only see the defects of their own depot. "
        "A depot has a name."
    )
    assert scopes(spec, "driver", "Defect")[0] != "-"


@pytest.mark.parametrize("them", ["them", "all of them"])
def test_them_are_those_that_were_spoken_of_last(them: str) -> None:
    """Whose they were in the clause before does not count: it says of somebody else which ones these may see."""
    spec = parse(
        "Every bike has a label. Members borrow bikes. Each loan has a due date. "
        f"Members can only see their own loans; volunteers see {them}."
    )
    assert scopes(spec, "member", "Loan")[1] == "o"
    assert scopes(spec, "volunteer", "Loan")[1] == "A"


def test_what_people_register_with_is_theirs() -> None:
    """An organisation that registers is kept with what it tells, and signs in."""
    spec = parse(
        "- As a charity, I can register with a legal name, a registration number and a country.\n"
        "- As a charity, I can create a campaign with a title and a deadline.\n"
    )
    charity = spec.entity("Charity")
    assert charity is not None
    assert {"legal_name", "registration_number", "country"} <= {each.name for each in charity.fields}
    assert any(each.source == "Charity" and each.target == "User" for each in spec.relations)


def test_people_are_kept_with_their_manager_and_sign_in() -> None:
    """What one has beside what one belongs to is said of the same subject; to request leave makes the request the leave."""
    spec = parse(
        "Employees request leave with a first day and a last day. Every employee has one manager and belongs to one team. "
        "HR can see all requests."
    )
    names = {each.name for each in spec.entities}
    assert {"Employee", "Team"} <= names
    assert "Manager" not in names
    assert sum("Leave" in each or "Request" in each for each in names) == 1
    assert {each.name for each in spec.outgoing("Employee")} >= {"manager", "team"}


def test_what_is_not_now_is_left_out() -> None:
    """Headings in capitals, "not now" and a dash with "later" leave out what they name."""
    spec = parse(
        "A shop window has a title.\n\nNot now: meal plans, shopping lists.\n\n- RSS feeds - later\n\n"
        "WHAT IT DOES NOT DO\nPayroll, fuel cards.\n"
    )
    assert {each.name for each in spec.entities} == {"User", "ShopWindow"}
    assert sum("left out" in each.taken for each in spec.questions) == 2


def test_a_story_describes_what_is_made_and_not_what_it_is_about() -> None:
    """Stories need no full stop; a semicolon in brackets ends no sentence."""
    spec = parse(
        "As a manager I want to register assets (asset tag, purchase date)\n"
        "As an employee I want to open a ticket about an asset with a subject and an urgency (low, high; default high)\n"
        "As an auditor I want to read everything\n"
    )
    ticket = spec.entity("Ticket")
    assert ticket is not None
    assert {"subject", "urgency"} <= {each.name for each in ticket.fields}
    assert field(spec, "Ticket.urgency").default == "high"
    assert any(each.target == "Asset" for each in spec.outgoing("Ticket"))
    assert not {each.kind for each in spec.features} & {FeatureKind.TAGS}
    assert scopes(spec, "auditor", "Ticket") == "-A--"
