"""A suggestion names a test, calls what is not covered with inputs that reach it, and says what that reaches."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.coverage.gaps import Hole
from headwater.coverage.outline import Call, Decision, Outline, Parameter, Symbol
from headwater.coverage.suggestions import suggest

Given = tuple[tuple[str, ...], ...]
PAY: Given = (("amount", "int"), ("user", "User | None"), ("currency", "str", "'EUR'"))
CART = Symbol(
    name="Cart.__init__",
    kind="method",
    first=1,
    last=3,
    body=2,
    parameters=(Parameter(name="self"), Parameter(name="items"), Parameter(name="owner", annotation="Owner")),
)


def suggestions(
    condition: str,
    never: str,
    given: Given = PAY,
    *,
    name: str = "charge_card",
    kind: str = "partial_branch",
    language: str = "python",
    framework: str = "",
    calls: tuple[Call, ...] = (),
    decides: str = "if",
) -> list[tuple[str, str, tuple[str, ...], str]]:
    parameters = tuple(Parameter(**dict(zip(("name", "annotation", "default"), each, strict=False))) for each in given)
    symbol = Symbol(
        name=name,
        kind="method" if "." in name else "function",
        first=30,
        last=60,
        body=31,
        parameters=parameters,
        calls=calls,
    )
    decision = Decision(line=40, kind=decides, condition=condition, true=41, false=43) if condition else None
    first = 40 if kind == "partial_branch" else 41
    hole = Hole(first=first, last=first, type=kind, symbol=symbol, condition=condition, never=never, decision=decision)
    outline = Outline(
        language=language, symbols=(CART, symbol) if language == "python" else (symbol,), module="shop.payment"
    )
    return [(each.name, each.call, each.inputs, each.reaches) for each in suggest(hole, outline, "shop/pay", framework)]


@pytest.mark.parametrize(
    ("condition", "never", "name", "call"),
    [
        ("amount <= 0", "true", "with_amount_of_zero", "amount=0, user=Mock(spec=User)"),
        ("amount <= 0", "false", "with_amount_of_1", "amount=1, user=Mock(spec=User)"),
        ("0 < amount < 10", "false", "with_amount_of_zero", "amount=0, user=Mock(spec=User)"),
        ("amount % 2 == 0", "true", "with_amount_of_2", "amount=2, user=Mock(spec=User)"),
        ("user is None", "true", "without_user", "amount=1, user=None"),
        ("not currency", "true", "with_empty_currency", "amount=1, user=Mock(spec=User), currency=''"),
        (
            "currency not in ('EUR', 'USD')",
            "true",
            "with_currency_other",
            "amount=1, user=Mock(spec=User), currency='other'",
        ),
        ("len(currency) == 3", "true", "with_currency_aaa", "amount=1, user=Mock(spec=User), currency='aaa'"),
        ("isinstance(user, Admin)", "true", "with_admin_user", "amount=1, user=Mock(spec=Admin)"),
        ("amount < 0 or amount > 99", "true", "with_amount_of_minus_1", "amount=-1, user=Mock(spec=User)"),
        ("amount == -5 and user is None", "true", "with_amount_of_minus_5_and_without_user", "amount=-5, user=None"),
        ("user and user.total > 100", "true", "with_user_total_of_101", "amount=1, user=Mock(spec=User, total=101)"),
        (
            "user.is_paid()",
            "false",
            "with_not_user_is_paid",
            "amount=1, user=Mock(spec=User, is_paid=lambda: False)",
        ),
    ],
)
def test_a_condition_is_solved_for_the_side_that_was_never_taken(
    condition: str, never: str, name: str, call: str
) -> None:
    """What the condition asks for gets a value, the others one of their type, and a default is left as it is."""
    ((shown, written, _, reaches),) = suggestions(condition, never)
    assert shown == f"test_charge_card_{name}"
    assert written == f"charge_card({call})"
    assert reaches == f"`{condition}` at line 40 is {never}"


@pytest.mark.parametrize("condition", ["amount > 10", "not (amount >= 3)", "amount == 7", "amount != 7", "amount"])
@pytest.mark.parametrize("never", ["true", "false"])
def test_what_is_solved_holds(condition: str, never: str) -> None:
    """The value makes the condition what it never was, by Python's own judgement."""
    ((_, _, inputs, _),) = suggestions(condition, never)
    scope = dict(each.split(" = ") for each in inputs)
    values = {name: ast.literal_eval(value) for name, value in scope.items()}
    assert bool(eval(condition, {}, values)) is (never == "true")


def test_an_error_that_the_gap_raises_is_in_the_name() -> None:
    """A block that makes an error rejects its inputs."""
    calls = (Call(line=35, callee="OSError"), Call(line=41, callee="errors.PaymentError"))
    ((name, _, inputs, reaches),) = suggestions("amount <= 0", "true", kind="uncovered_block", calls=calls)
    assert name == "test_charge_card_rejects_amount_of_zero"
    assert inputs == ("amount = 0",)
    assert reaches == "line 41, which raises PaymentError: `amount <= 0` at line 40 is true"


def test_what_is_no_parameter_is_said_in_words() -> None:
    """A call's answer, and a part of the object itself: through its constructor where that takes it."""
    ((_, call, inputs, _),) = suggestions("get_user(uid) is None", "true", (("uid", "int"),))
    assert (call, inputs) == ("charge_card(uid=1)", ("`get_user(uid)` gives None",))
    ((name, call, inputs, _),) = suggestions("len(self._items) == 0", "true", (("self",),), name="Cart.total")
    assert name == "test_cart_total_with_empty_items"
    assert (call, inputs) == ("Cart(items=[], owner=Mock(spec=Owner)).total()", ("self._items = []",))


def test_a_handler_is_reached_by_what_fails_before_it() -> None:
    """The last call above it, with the error that it handles."""
    calls = (Call(line=33, callee="log"), Call(line=36, callee="gateway.charge"), Call(line=44, callee="retry"))
    ((name, _, inputs, reaches),) = suggestions(
        "except (TimeoutError, OSError) as e", "true", kind="exception_handler", calls=calls, decides="except"
    )
    assert name == "test_charge_card_handles_timeout_error"
    assert inputs == ("let `gateway.charge` fail with TimeoutError",)
    assert reaches == "the handler at line 41"


@pytest.mark.parametrize(
    ("language", "framework", "name", "call"),
    [
        ("python", "unittest", "test_charge_card_with_amount_of_zero", "chargeCard(amount=0)"),
        ("javascript", "", 'it("charge card with amount of zero")', "chargeCard(0)"),
        ("typescript", "vitest", 'it("charge card with amount of zero")', "chargeCard(0)"),
        ("go", "", "TestChargeCard_WithAmountOfZero", "chargeCard(0)"),
        ("java", "junit", "chargeCardWithAmountOfZero", "chargeCard(0)"),
        ("c_sharp", "xunit", "ChargeCard_WithAmountOfZero", "chargeCard(0)"),
    ],
)
def test_names_follow_the_framework(language: str, framework: str, name: str, call: str) -> None:
    """As its users name tests, and by default as those of the language do."""
    found = suggestions(
        "amount == 0", "true", (("amount", "int"),), name="chargeCard", language=language, framework=framework
    )
    assert [each[:2] for each in found] == [(name, call)]


@pytest.mark.parametrize(
    ("language", "condition", "given", "call"),
    [
        ("javascript", "!items || items.length === 0", (("items",), ("tax",)), "new Cart().total(null, {})"),
        (
            "typescript",
            "order.total >= 10 && order.status === 'paid'",
            (("order", "Order"), ("tax", "number", "0")),
            'new Cart().total({ total: 10, status: "paid" })',
        ),
        (
            "go",
            "err := check(amount); amount <= 0 && card != nil",
            (("ctx", "context.Context"), ("amount", "int"), ("card", "*Card")),
            "(&Cart{}).total(context.Background(), 0, &Card{})",
        ),
        ("go", "len(items) == 0", (("items", "[]Item"),), "(&Cart{}).total([]Item{})"),
        (
            "java",
            "name == null || name.isEmpty()",
            (("name", "String"), ("items", "List<Item>"), ("rates", "Map<String, Double>")),
            'new Cart().total("", List.of(new Item()), Map.of())',
        ),
        ("java", '"paid".equals(status)', (("status", "String"),), 'new Cart().total("paid")'),
        (
            "c_sharp",
            "order is not null && order.Total >= 10",
            (("order", "Order"),),
            "new Cart().total(new Order { Total = 10 })",
        ),
    ],
)
def test_calls_are_written_in_their_language(language: str, condition: str, given: Given, call: str) -> None:
    """Conditions are solved, and values, objects and lists written, as each language has them."""
    ((_, written, _, _),) = suggestions(condition, "true", given, name="Cart.total", language=language)
    assert written == call


@pytest.mark.parametrize(
    "condition", ["amount @ x", "(" * 199, "!" * 199, "a" * 5000, "'%9999999d' % amount", "x\ny", "\0"]
)
@pytest.mark.parametrize("language", ["python", "go"])
def test_what_cannot_be_solved_is_left_to_the_reader(condition: str, language: str) -> None:
    """The call is still written, with plain values."""
    ((_, call, _, reaches),) = suggestions(condition, "true", (("amount", "int"),), language=language)
    assert call.startswith("charge_card(")
    assert condition in reaches


def test_a_file_that_was_never_imported_is_called_by_what_it_offers() -> None:
    """Its public functions, and where it has none, the import."""
    offered = [
        Symbol(name=name, kind="function", first=line, last=line + 1, body=line + 1, public=not name.startswith("_"))
        for line, name in enumerate(("pay", "_hidden", "refund", "void", "list_all"), 1)
    ]
    hole = Hole(first=1, last=9, type="never_imported", missing_lines=9)
    found = suggest(hole, Outline(language="python", symbols=tuple(offered), module="shop.payment"), "p.py", "")
    assert [each.call for each in found] == ["pay()", "refund()", "void()"]
    (found,) = suggest(hole, Outline(language="python", module="shop.payment"), "p.py", "")
    assert (found.name, found.call) == ("test_payment_is_imported", 'importlib.import_module("shop.payment")')
    assert suggest(hole, Outline(language="go"), "p.go", "") == ()


PARTS = "amount|user|0|1.5|'a'|None|null|not | and | or | in |==|<|len(|(|)|.|!|&&|[|]|,| |%|*|1e999| is |isinstance("
WORDS = st.sampled_from([*PARTS.split("|"), "||"])


@given(
    st.lists(WORDS, max_size=14).map("".join) | st.text(max_size=60),
    st.sampled_from(["true", "false", "true or false", "to line 9"]),
    st.sampled_from(["python", "javascript", "go", "java", "c_sharp"]),
    st.sampled_from(["if", "for", "except", "switch"]),
)
def test_any_condition_gives_a_suggestion(condition: str, never: str, language: str, decides: str) -> None:
    """Nothing in a stranger's source makes it fail, and a call of Python is one that parses."""
    for name, call, _, reaches in suggestions(condition, never, language=language, decides=decides):
        assert name
        assert reaches
        if language == "python":
            ast.parse(call)
