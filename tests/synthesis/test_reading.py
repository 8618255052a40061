"""What makes a written test easy to read: values that people write, names that say the situation, short tables."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import pytest

from headwater.synthesis.guest.calls import Call
from headwater.synthesis.guest.inputs.familiar import Telling, familiar, values_of
from headwater.synthesis.guest.inventory import Parameter, Target
from headwater.synthesis.guest.messages import messages_in
from headwater.synthesis.guest.shrinking import Plain, shrink
from headwater.synthesis.library import bare_names, with_bare_names
from headwater.synthesis.module import TestModule
from headwater.synthesis.observations import read_observed
from tests.synthesis.conftest import Project

Event = Callable[..., dict[str, Any]]
TEXT = [{"name": "text", "how": "positional", "text": "''"}]
MAILS = """
def mask(email: str) -> str:
    user, at, domain = email.partition("@")
    if not at:
        raise ValueError(f"not an address: {email}")
    if len(user) <= 2:
        return f"*@{domain}"
    return f"{user[0]}*@{domain}"


class Cart:
    def __init__(self) -> None:
        self.lines: list[tuple[str, float, int]] = []

    def add(self, name: str, price: float, quantity: int = 1) -> None:
        if quantity < 1:
            raise ValueError("a quantity is at least 1")
        self.lines.append((name, price, quantity))
"""


def names(*events: dict[str, Any]) -> list[str]:
    module = TestModule("words", rows=12)
    return [test.name for event in events for test in module.write(read_observed(event))]


def text_of(*events: dict[str, Any]) -> str:
    module = TestModule("words", rows=12)
    return "\n".join(test.text for event in events for test in module.write(read_observed(event)))


@pytest.mark.parametrize(
    ("name", "kind", "first"),
    [
        ("email", "str", '"alice@example.com"'),
        ("customer_email", "str", '"alice@example.com"'),
        ("email_address", "str", '"alice@example.com"'),
        ("tags", "str", '"news"'),
        ("file_name", "str", '"report.txt"'),
        ("section_name", "str", '"section1"'),
        ("unitPrice", "float", "9.99"),
        ("unit_price", "Decimal", 'decimal.Decimal("9.99")'),
        ("birthday", "date", "datetime.date(1990, 5, 17)"),
        ("quantity", "int", "2"),
    ],
)
def test_a_value_is_what_its_name_says(name: str, kind: str, first: str) -> None:
    """The last known word of a name decides, in the singular, whatever the name is spelled like."""
    assert familiar(name, kind)[0] == first


@pytest.mark.parametrize(
    ("beside", "first"),
    [(["Cart.add", "price"], '"book"'), (["User", "email"], '"Alice"'), (["connect", "port"], '"main"')],
)
def test_whose_name_it_is_stands_beside_it(beside: list[str], first: str) -> None:
    """A name beside a price is that of goods, beside an e-mail address that of a person."""
    assert familiar("name", "str", beside)[0] == first


def test_nothing_is_guessed_from_a_name_that_says_nothing() -> None:
    """Where the name is unknown the plain values of the kind stay the first."""
    assert familiar("qux", "str") == familiar("file_input", "str") == ()
    assert values_of("str", ["'abc'"], Telling({}, "qux")) == ["'abc'"]


def parameters(*found: Parameter) -> Target:
    return Target("mask", "call", "mask", "", found, None, "", (1, 1), private=False)


@pytest.mark.parametrize(
    ("text", "easiest"),
    [
        ("'q#\\n@@.'", '"alice@example.com"'),
        ("'zz@\\\\x.'", "'bo@example.org'"),
    ],
)
def test_a_plain_value_is_easier_than_a_short_one(text: str, easiest: str) -> None:
    """What was found becomes the plain value where that does as well, else one that is cut out of it."""
    short = easiest != '"alice@example.com"'

    def still(call: Call) -> bool:
        user, at, domain = str(ast.literal_eval(call.args[0])).partition("@")
        return bool(at and "." in domain) and (len(user) <= 2 if short else True)

    call = Call(parameters(Parameter("email", "positional", str)), (text,))
    plain = Plain([['"alice@example.com"', '"bob@example.org"']], [])
    assert shrink(call, still, 60, plain).args == (easiest,)


def test_a_plain_argument_is_not_made_smaller() -> None:
    """Neither the empty text nor a single letter takes the place of a value that nobody wonders about."""
    call = Call(parameters(Parameter("title", "positional", str)), ('"Hello World"',))
    assert shrink(call, lambda _: True, 60, Plain([['"Hello World"']], [])) == call


def test_an_object_is_made_as_it_is_made_elsewhere() -> None:
    """Arguments of a constructor become plain one by one, those that are not needed go."""
    call = Call(parameters(Parameter("item", "positional")), ("Item('', -1.0, 100)",))
    plain = Plain([["Item('book', 9.99)"]], [])

    def still(call: Call) -> bool:
        return "100" in call.args[0]

    assert shrink(call, still, 60, plain).args == ("Item('book', 9.99, 100)",)


def test_an_object_is_made_with_what_a_step_would_set() -> None:
    """An argument of the constructor is easier to read than an attribute that is set behind it."""
    call = Call(parameters(), (), "Node(1)", ("setattr({self}, 'tail', Node(2))",))

    def still(call: Call) -> bool:
        return "Node(2)" in "".join(call.texts())

    assert shrink(call, still, 60, Plain([], ["Node(1)"])) == Call(call.target, (), "Node(1, tail=Node(2))")


def test_what_is_only_said_is_no_input() -> None:
    """Texts of what is raised, printed and logged are no arguments, unless the code looks for them as well."""
    tree = ast.parse(
        'if code == "off":\n    raise ValueError(f"no such code: {code}")\n'
        'assert code, "empty code"\nlogger.info("started")\nprint("off")\nreturn f"{amount:.2f} {code}"\n'
    )
    assert messages_in([tree]) == {"no such code: ", "empty code", "started", ".2f"}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"message": "unknown currency: ''", "basis": "contract"}, "rejects_unknown_currency"),
        ({"message": "the text must not be empty", "basis": "contract"}, "rejects_empty_text"),
        (
            {"message": "an order is paid once", "basis": "contract", "args": []},
            "raises_value_error_as_an_order_is_paid_once",
        ),
        ({"error": "KeyError", "message": "''"}, "raises_key_error_for_missing_text"),
        (
            {"message": "no rate for ABC", "basis": "contract", "args": [{**TEXT[0], "text": "'ABC'"}]},
            "raises_value_error_as_no_rate",
        ),
        ({"message": "could not convert string to float", "args": []}, "raises_value_error"),
    ],
)
def test_a_refusal_is_named_by_what_the_code_says(event: Event, changes: dict[str, Any], name: str) -> None:
    """The situation is what the code's own message says, and the edge of the input where the message speaks of it."""
    assert names(event(**{"error": "ValueError", "checks": [], **changes})) == [f"test_parse_{name}"]


@pytest.mark.parametrize(
    ("argument", "name"),
    [
        ({"name": "use_cache", "how": "positional", "text": "True"}, "with_cache"),
        ({"name": "country", "how": "positional", "text": "'AT'"}, "with_country_at"),
        ({"name": "email", "how": "positional", "text": "'@x\\n.'"}, "with_email"),
        ({"name": "items", "how": "positional", "text": "[Item(1), Item(2)]"}, "with_two_items"),
        ({"name": "limit", "how": "positional", "text": "None"}, "without_limit"),
    ],
)
def test_a_second_test_is_named_after_what_differs_from_the_first(
    event: Event, argument: dict[str, str], name: str
) -> None:
    """An option by its name, a value by its words if it has any, a list by how many things are in it."""
    plain = event(args=[])
    assert names(plain, event(args=[argument])) == ["test_parse_returns_none", f"test_parse_returns_none_{name}"]


def test_what_is_different_about_the_result_says_more_than_an_odd_input(event: Event) -> None:
    """Where the input has no words, an attribute of the result tells the second test from the first."""
    plain = event(
        args=[{**TEXT[0], "text": "'a'"}], checks=[["result.title", "==", "'a'"], ["result.body", "is", "None"]]
    )
    other = event(
        args=[{**TEXT[0], "text": "'a\\n@'"}], checks=[["result.title", "==", "'a'"], ["result.body", "==", "'@'"]]
    )
    assert names(plain, other)[1].endswith("_having_body")


def test_a_step_that_is_made_again_is_told(event: Event) -> None:
    """The name says that the same was done before, and that it was done twice."""
    once, twice = (["{self}.add(1)"] * count for count in (1, 2))
    jar: dict[str, Any] = {"args": [], "owner": "Jar", "receiver": "parse()", "callee": "{self}.parse"}
    found = names(event(**jar, before=once), event(**jar, before=twice))
    assert found == ["test_parse_returns_none_after_add", "test_parse_returns_none_after_add_twice"]


def test_the_library_is_imported_as_people_do() -> None:
    """Well-known names of the standard library stand without their module; texts stay as they are."""
    origins = {"decimal": ("decimal", ""), "datetime": ("datetime", ""), "parse": ("words", "parse")}
    text = 'assert parse("decimal.Decimal", decimal.Decimal("1"), é=datetime.date(2024, 1, 15)) == decimal.getcontext()'
    assert with_bare_names(text, bare_names(origins)) == (
        'assert parse("decimal.Decimal", Decimal("1"), é=date(2024, 1, 15)) == decimal.getcontext()'
    )


def test_a_name_of_the_code_under_test_is_not_taken_by_the_library() -> None:
    """Where the module has a `date` of its own, the library's classes keep their module."""
    origins = {"datetime": ("datetime", ""), "date": ("words", "date")}
    assert with_bare_names("datetime.date(2024, 1, 15)", bare_names(origins)) == "datetime.date(2024, 1, 15)"


def test_rows_at_an_edge_say_which(event: Event) -> None:
    """In a table the row at an edge has an id; short rows of one column stand in one line."""
    plain = event(checks=[["result", "==", "'A'"]], args=[{**TEXT[0], "text": "'a'"}])
    plain["cases"] += event(checks=[["result", "==", "''"]])["cases"]
    assert "pytest.param('', '', id='empty text')" in text_of(plain)
    refused = event(error="ValueError", checks=[], message="no", args=[{**TEXT[0], "text": "0"}])
    refused["cases"] += event(error="ValueError", checks=[], message="no", args=[{**TEXT[0], "text": "-1"}])["cases"]
    assert "@pytest.mark.parametrize('text', [0, -1])" in text_of(refused)


def test_a_function_that_stays_the_same_is_no_hindrance_to_a_table(event: Event) -> None:
    """Cases with the same function and other values share a table; the function is not a column."""
    function = {"name": "key", "how": "positional", "text": "lambda value: value"}
    cases = [
        event(args=[function, {**TEXT[0], "text": text}], checks=[["result", "==", text]])["cases"][0]
        for text in ("'a'", "'b'")
    ]
    text = text_of({**event(), "cases": cases})
    assert text.count("def ") == 1
    assert text.count("lambda") == 1


def test_a_constructor_is_not_asked_for_its_class(event: Event) -> None:
    """The call says the class; what the object keeps is asserted."""
    checks = [["result", "isinstance", "parse"], ["result.size", "==", "1"]]
    assert "isinstance" not in text_of(event(style="construct", checks=checks))


async def test_a_search_writes_values_with_a_story(project: Project) -> None:
    """End to end: arguments are what their names say, a found one is near those, and no message becomes an input."""
    project.write("mails.py", MAILS)
    answer = await project.ask("mails")
    assert '"alice@example.com"' in answer.text.replace("'", '"')
    assert 'cart.add("book", 9.99' in answer.text.replace("'", '"')
    assert '("a quantity is at least 1' not in answer.text.replace("'", '"')
    status, output = await project.run(answer.text)
    assert status == 0, output
