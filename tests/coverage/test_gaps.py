"""What no test reaches is told once: as a function, a block, a handler of errors, or an arm of a decision."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.coverage import FileCoverage, Function
from headwater.coverage.gaps import Hole, find_gaps
from headwater.coverage.outline import MODULE, Decision, Outline, Symbol


def covered(
    ran: str = "", missing: str = "", branches: dict[int, dict[str, int]] | None = None, path: str = "src/shop.py"
) -> FileCoverage:
    """Makes a file of lines such as `1-4 7`."""
    lines = dict.fromkeys(numbers(ran), 3) | dict.fromkeys(numbers(missing), 0)
    return FileCoverage(path=path, lines=dict(sorted(lines.items())), branches=branches or {})


def numbers(text: str) -> list[int]:
    spans = [part.split("-") for part in text.split()]
    return [line for span in spans for line in range(int(span[0]), int(span[-1]) + 1)]


def symbol(name: str, first: int, last: int, kind: str = "function", *, body: int = 0) -> Symbol:
    return Symbol(name=name, kind=kind, first=first, last=last, body=body or first + 1, complexity=3)


def outlined(
    *symbols: Symbol,
    decisions: tuple[Decision, ...] = (),
    handlers: tuple[tuple[int, int], ...] = (),
    skipped: str = "",
    language: str = "python",
) -> Outline:
    level = Symbol(name=MODULE, kind="module", first=1, last=1000, body=1)
    return Outline(
        language=language,
        symbols=(level, *symbols),
        decisions=decisions,
        handlers=handlers,
        skipped=frozenset(numbers(skipped)),
    )


def decision(line: int, true: int, false: int = 0, condition: str = "amount <= 0", kind: str = "if") -> Decision:
    return Decision(line=line, kind=kind, condition=condition, true=true, false=false)


def told(holes: list[Hole]) -> list[tuple[str, int, int]]:
    return [(hole.type, hole.first, hole.last) for hole in holes]


@pytest.mark.parametrize("outline", [None, outlined()], ids=["report", "source"])
def test_a_covered_file_has_no_gap(outline: Outline | None) -> None:
    """Where every line ran and every arm was taken, or nothing is executable, nothing is told."""
    assert find_gaps(covered("1-9", branches={3: {"4": 1, "5": 2}}), outline) == []
    assert find_gaps(covered(), outline) == []


def test_a_function_that_was_never_called_is_one_gap() -> None:
    """Handlers, decisions and functions inside of it are not told besides it."""
    outline = outlined(
        symbol("pay", 1, 20),
        symbol("pay.log", 8, 10),
        decisions=(decision(3, 4, 5), decision(6, 7, kind="except")),
        handlers=((7, 7),),
    )
    file = covered("1 21", "2-7 8-10 12-20", {3: {"4": 0, "5": 0}})
    (hole,) = find_gaps(file, outline)
    assert told([hole]) == [("uncovered_function", 2, 20)]
    assert hole.symbol is not None
    assert hole.symbol.name == "pay"
    assert (hole.missing_lines, hole.missing_branches) == (18, 2)


def test_methods_are_told_apart_and_their_class_is_none() -> None:
    """A class whose methods were never called has one gap for each of them."""
    outline = outlined(
        symbol("Cart", 1, 12, "class"), symbol("Cart.add", 2, 5, "method"), symbol("Cart.total", 7, 12, "method")
    )
    holes = find_gaps(covered("1 2 7", "3-5 8-12"), outline)
    assert told(holes) == [("uncovered_function", 3, 5), ("uncovered_function", 8, 12)]


def test_a_function_without_statements_is_no_gap() -> None:
    """Where nothing of the body is executable, a missing head is not a function that no test calls."""
    holes = find_gaps(covered("9", "1-2"), outlined(symbol("stub", 1, 4, body=3), language="java"))
    assert told(holes) == [("uncovered_block", 1, 2)]


def test_what_was_never_defined_is_part_of_what_would_define_it() -> None:
    """A block of Python that defines functions is one gap when it did not run: the heads are missing as well."""
    outline = outlined(symbol("fallback", 3, 5), symbol("other", 7, 9), decisions=(decision(1, 2, 11, "OLD"),))
    (hole,) = find_gaps(covered("1 11", "2-5 7-9"), outline)
    assert told([hole]) == [("uncovered_block", 2, 9)]
    assert (hole.condition, hole.never) == ("OLD", "true")
    outline = outlined(symbol("fallback", 3, 5), symbol("other", 7, 9), language="go")
    assert [hole[0] for hole in told(find_gaps(covered("1 11", "3-5 7-9"), outline))] == ["uncovered_function"] * 2


def test_blank_lines_do_not_split_a_block_and_what_ran_does() -> None:
    """A block ends where a line ran, or its function does."""
    outline = outlined(symbol("pay", 1, 40), symbol("refund", 41, 60))
    holes = find_gaps(covered("1-2 20 41 60", "5 6 15 22 39 43-44"), outline)
    assert [(hole.first, hole.last, hole.missing_lines) for hole in holes] == [(5, 15, 3), (22, 39, 2), (43, 44, 2)]
    assert [hole.symbol.name for hole in holes if hole.symbol] == ["pay", "pay", "refund"]
    assert {hole.type for hole in holes} == {"uncovered_block"}


def test_a_block_continues_after_a_function_inside_of_it() -> None:
    """What an inner function that ran leaves missing is its own."""
    outline = outlined(symbol("pay", 1, 20), symbol("pay.inner", 5, 9))
    holes = find_gaps(covered("1-4 5 6 20", "8 10-12"), outline)
    assert [(hole.symbol.name, hole.first, hole.last) for hole in holes if hole.symbol] == [
        ("pay.inner", 8, 8),
        ("pay", 10, 12),
    ]


def test_a_handler_that_was_never_reached_is_told_with_its_head() -> None:
    """`except ValueError:` belongs to its handler, and two handlers are two gaps."""
    outline = outlined(
        symbol("pay", 1, 20),
        decisions=(decision(5, 6, 8, "ValueError", "except"), decision(8, 9, 0, "KeyError", "except")),
        handlers=((6, 7), (9, 10)),
    )
    holes = find_gaps(covered("1-4 12", "5-10"), outline)
    assert told(holes) == [("exception_handler", 5, 7), ("exception_handler", 8, 10)]
    assert [hole.condition for hole in holes] == ["ValueError", "KeyError"]


def test_a_handler_that_was_asked_and_did_not_match_is_told_by_its_body() -> None:
    """The head ran: an error came, of another class."""
    outline = outlined(
        symbol("pay", 1, 20), decisions=(decision(5, 6, 8, "ValueError", "except"),), handlers=((6, 7), (9, 10))
    )
    (hole,) = find_gaps(covered("1-5 8-10", "6-7", {5: {"6": 0, "8": 1}}), outline)
    assert told([hole]) == [("exception_handler", 6, 7)]
    assert (hole.condition, hole.never, hole.missing_branches) == ("ValueError", "true", 1)


def test_what_is_missing_in_a_handler_that_ran_is_a_block() -> None:
    """Only a handler of which nothing ran was never reached."""
    outline = outlined(symbol("pay", 1, 20), handlers=((6, 9),))
    assert told(find_gaps(covered("1-7 10", "8-9"), outline)) == [("uncovered_block", 8, 9)]


@pytest.mark.parametrize(
    ("arms", "never"),
    [
        ({"4": 0, "6": 3}, "true"),
        ({"4": 3, "6": 0}, "false"),
        ({"4": 3, "exit": 0}, "false"),
        ({"4": 3, "-1": 0}, "false"),
        ({"0,jump to line 4": 0, "0,jump to line 6": 3}, "true"),
        ({"0,jump to line 4": 3, "0,return from function 'pay'": 0}, "false"),
        ({"4": 0, "6": 0}, "true or false"),
        ({"4": 0, "9": 3}, "true"),
        ({"5": 3, "6": 0}, "false"),
        ({"#0": 3, "#1": 0}, "1 of its 2 arms"),
    ],
)
def test_an_arm_is_named_by_the_side_that_was_never_taken(arms: dict[str, int], never: str) -> None:
    """By the lines that the arms lead to; where they have no name, nothing is guessed."""
    outline = outlined(symbol("pay", 1, 20), decisions=(decision(3, 4, 6),))
    (hole,) = find_gaps(covered("1-9", branches={3: arms}), outline)
    assert told([hole]) == [("partial_branch", 3, 3)]
    assert (hole.never, hole.condition) == (never, "amount <= 0")
    assert hole.missing_branches == sum(1 for hits in arms.values() if not hits)


@pytest.mark.parametrize(("arm", "never"), [("0", "true"), ("1", "false")])
def test_the_first_arm_of_a_script_is_the_true_one(arm: str, never: str) -> None:
    """Istanbul numbers the arms of an `if`: the one that holds is 0."""
    outline = outlined(symbol("pay", 1, 20), decisions=(decision(3, 3, 4),), language="typescript")
    arms = {"7,0": 1, "7,1": 1} | {f"7,{arm}": 0}
    (hole,) = find_gaps(covered("1-9", branches={3: arms}, path="src/shop.ts"), outline)
    assert hole.never == never


def test_an_arm_that_leads_into_a_block_is_told_with_the_block() -> None:
    """The block names the condition and counts the arm; the line of the decision is no gap."""
    outline = outlined(symbol("pay", 1, 20), decisions=(decision(3, 4, 6),))
    for arms in ({"4": 0, "6": 3}, {"#0": 3, "#1": 0}):
        (hole,) = find_gaps(covered("1-3 6-9", "4-5", {3: arms}), outline)
        assert told([hole]) == [("uncovered_block", 4, 5)]
        assert (hole.condition, hole.never, hole.missing_branches) == ("amount <= 0", "true", 1)
        assert hole.decision == outline.decisions[0]
    (hole,) = find_gaps(covered("1-4", "6-9", {3: {"4": 3, "6": 0}}), outline)
    assert (hole.first, hole.never) == (6, "false")


def test_a_switch_tells_the_arms_that_lead_to_no_block() -> None:
    """Of an arm into a missing block and one that falls through, the second is still a gap."""
    outline = outlined(symbol("pay", 1, 20), decisions=(decision(3, 4, 0, "status", "switch"),))
    holes = find_gaps(covered("1-4 8-9", "6", {3: {"4": 1, "6": 0, "8": 0, "9": 1}}), outline)
    assert told(holes) == [("partial_branch", 3, 3), ("uncovered_block", 6, 6)]
    assert [(hole.never, hole.missing_branches) for hole in holes] == [("to line 8", 1), ("", 1)]


def test_of_two_decisions_on_a_line_the_one_that_the_arms_lead_from_is_named() -> None:
    """A ternary in a condition does not hide the condition."""
    outer = decision(3, 4, 6, "total(a if a else b)")
    inner = decision(3, 3, 3, "a", "ternary")
    for decisions in ((outer, inner), (inner, outer)):
        (hole,) = find_gaps(covered("1-9", branches={3: {"4": 0, "6": 3}}), outlined(decisions=decisions))
        assert (hole.condition, hole.never) == ("total(a if a else b)", "true")


def test_a_decision_on_the_second_line_of_a_statement_is_part_of_it() -> None:
    """Arms on a line that no statement begins on are told with the missing statement, not twice."""
    (hole,) = find_gaps(covered("1", "3-4 7", {5: {"0,0": 0, "0,1": 0}}), outlined(symbol("pay", 1, 9)))
    assert (hole.type, hole.missing_lines, hole.missing_branches) == ("uncovered_function", 3, 2)
    (hole,) = find_gaps(covered("1-7", branches={5: {"0,0": 0, "0,1": 4}}), None)
    assert told([hole]) == [("partial_branch", 5, 5)]


def test_skipped_lines_give_no_gap() -> None:
    """Nor does an arm that leads to one: a `TYPE_CHECKING` block is not to be tested."""
    outline = outlined(symbol("pay", 4, 9), decisions=(decision(1, 2, 4, "TYPE_CHECKING"),), skipped="2-3")
    assert find_gaps(covered("1 4-9", "2-3", {1: {"2": 0, "4": 1}}), outline) == []
    outline = outlined(symbol("abstract", 4, 6), skipped="5-6")
    assert find_gaps(covered("1 4", "5-6", {5: {"6": 0, "exit": 0}}), outline) == []


def test_a_python_file_of_which_nothing_ran_was_never_imported() -> None:
    """An import runs the file's own level; what its functions hold is not told one by one."""
    file = covered("", "1 4-9 12-15", {5: {"6": 0, "8": 0}})
    for outline in (None, outlined(symbol("pay", 4, 9), symbol("refund", 12, 15))):
        (hole,) = find_gaps(file, outline)
        assert told([hole]) == [("never_imported", 1, 15)]
        assert (hole.missing_lines, hole.missing_branches) == (11, 2)
    file = covered("", "5-9 13-15", path="shop.go")
    outline = outlined(symbol("Pay", 4, 9), symbol("Refund", 12, 15), language="go")
    assert told(find_gaps(file, outline)) == [("uncovered_function", 5, 9), ("uncovered_function", 13, 15)]


def test_without_source_lines_near_to_each_other_are_a_block() -> None:
    """Where no function is known, up to two lines between are blank or a comment; more are not."""
    holes = find_gaps(covered("1", "3 4 7 11 12", path="shop.c"), None)
    assert [(hole.first, hole.last) for hole in holes] == [(3, 7), (11, 12)]


def test_without_source_functions_come_from_the_report() -> None:
    """A function of which nothing ran is one gap, however far its lines lie apart, and ends where the next begins."""
    file = covered("1 20 30", "3 9 15 22 24 31", path="shop.c")
    file.functions = {
        "refund": Function(name="refund", first=20, hits=2),
        "pay": Function(name="pay", first=1, hits=0),
        "void": Function(name="void", first=30, last=32, hits=1),
    }
    holes = find_gaps(file, None)
    assert told(holes) == [("uncovered_function", 3, 15), ("uncovered_block", 22, 24), ("uncovered_block", 31, 31)]
    assert [hole.symbol.name for hole in holes if hole.symbol] == ["pay", "refund", "void"]


def test_without_source_an_arm_without_a_name_leads_to_the_missing_line_after_it() -> None:
    """So a decision whose block is missing is told once; without such a line the arm is a gap."""
    arms = {"#0": 1, "#1": 0}
    (hole,) = find_gaps(covered("1-3 6", "4-5", {3: arms}, "shop.c"), None)
    assert (*told([hole])[0], hole.missing_branches) == ("uncovered_block", 4, 5, 1)
    (hole,) = find_gaps(covered("1-6", "", {3: arms}, "shop.c"), None)
    assert (*told([hole])[0], hole.never) == ("partial_branch", 3, 3, "1 of its 2 arms")


def test_odd_outlines_do_no_harm() -> None:
    """Symbols that overlap, hold no line, or nest a thousand deep."""
    deep = [symbol(f"f{level}", level, 4000 - level) for level in range(1, 1001)]
    odd = [symbol("a", 5, 15), symbol("b", 10, 20), symbol("route", 9, 8), symbol("c", 12, 13)]
    (inner, *_) = find_gaps(covered("1-1001", "1500-1510"), outlined(*deep))
    assert inner.symbol is not None
    assert inner.symbol.name == "f1000"
    holes = find_gaps(covered("1-6 10-11", "7 12 14 16 18"), outlined(*odd, language="java"))
    assert [hole.symbol.name for hole in holes if hole.symbol] == ["a", "c", "b"]


LINES = st.dictionaries(st.integers(1, 80), st.integers(0, 2), max_size=60)
ARMS = st.dictionaries(st.sampled_from(["12", "30", "exit", "#0", "0,1", "-1", "0,jump to line 7"]), st.integers(0, 1))
SPANS = st.tuples(st.integers(1, 80), st.integers(0, 30))
SYMBOLS = st.builds(
    lambda span, kind, body: symbol("s", span[0], span[0] + span[1], kind, body=span[0] + min(body, span[1])),
    SPANS,
    st.sampled_from(["function", "method", "class"]),
    st.integers(0, 1),
)
DECISIONS = st.builds(
    decision,
    st.integers(1, 80),
    st.integers(0, 80),
    st.integers(0, 80),
    kind=st.sampled_from(["if", "for", "ternary", "except"]),
)


@st.composite
def outlines(draw: st.DrawFn) -> Outline | None:
    if draw(st.booleans()):
        return None
    return outlined(
        *draw(st.lists(SYMBOLS, max_size=6)),
        decisions=tuple(draw(st.lists(DECISIONS, max_size=6))),
        handlers=tuple((first, first + more) for first, more in draw(st.lists(SPANS, max_size=3))),
        language=draw(st.sampled_from(["python", "typescript", "java"])),
    )


@given(
    lines=LINES,
    branches=st.dictionaries(st.integers(1, 80), ARMS, max_size=12),
    functions=st.lists(st.tuples(SPANS, st.integers(0, 1)), max_size=5),
    outline=outlines(),
)
def test_every_missing_line_and_arm_is_told_once(
    lines: dict[int, int],
    branches: dict[int, dict[str, int]],
    functions: list[tuple[tuple[int, int], int]],
    outline: Outline | None,
) -> None:
    """The gaps of any file, with any outline, add up to what is missing; they are in its order and do not overlap."""
    file = FileCoverage(path="shop.py", lines=lines, branches=branches)
    file.functions = {
        str(number): Function(name="f", first=first, last=first + more if more else 0, hits=hits)
        for number, ((first, more), hits) in enumerate(functions)
    }
    holes = find_gaps(file, outline)
    assert sum(hole.missing_lines for hole in holes) == sum(1 for hits in lines.values() if not hits)
    arms = sum(1 for each in branches.values() for hits in each.values() if not hits)
    assert sum(hole.missing_branches for hole in holes) == arms
    assert [hole.first for hole in holes] == sorted(hole.first for hole in holes)
    blocks = [hole for hole in holes if hole.type != "partial_branch"]
    assert all(left.last < right.first for left, right in pairwise(blocks))
    assert all(hole.first <= hole.last and hole.type for hole in holes)
    assert len({(hole.first, hole.last, hole.type, hole.never) for hole in holes}) == len(holes)
