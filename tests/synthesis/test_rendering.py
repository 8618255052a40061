"""From what was observed to the text of a test: names, values, and nothing that was smuggled in."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import pytest

from headwater.synthesis.module import TestModule, Written
from headwater.synthesis.observations import Malformed, read_observed

Event = Callable[..., dict[str, Any]]


def written(*events: dict[str, Any]) -> list[Written]:
    module = TestModule("words", rows=12)
    return [test for event in events for test in module.write(read_observed(event))]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "test_parse_returns_none_for_empty_text"),
        ({"error": "ValueError", "basis": "contract", "checks": []}, "test_parse_rejects_empty_text"),
        ({"error": "KeyError", "checks": []}, "test_parse_raises_key_error_for_empty_text"),
        ({"checks": [["result", "==", "[]"]]}, "test_parse_returns_empty_list_for_empty_text"),
        (
            {"args": [{"name": "count", "how": "positional", "text": "-1"}]},
            "test_parse_returns_none_for_negative_count",
        ),
        ({"checks": [], "output": "x"}, "test_parse_prints_output_for_empty_text"),
        ({"symbol": "Timer.__len__", "args": []}, "test_timer_length_returns_none"),
    ],
)
def test_a_test_is_named_after_symbol_outcome_and_edge(event: Event, changes: dict[str, Any], name: str) -> None:
    """The name says what is called, what happens and which edge of the input does it."""
    assert written(event(**changes))[0].name == name


def test_names_stay_unique(event: Event) -> None:
    """Two cases that read alike get different names."""
    other = event(checks=[["result", "is", "None"], ["len(result)", "==", "0"]])
    names = [test.name for test in written(event(), other)]
    assert len(set(names)) == 2


def test_cases_that_differ_in_values_become_one_table(event: Event) -> None:
    """Cases of one function that differ in values only share one parametrised test."""
    two = event(args=[{"name": "text", "how": "positional", "text": "'a'"}], checks=[["result", "==", "'A'"]])
    three = event(args=[{"name": "text", "how": "positional", "text": "'b'"}], checks=[["result", "==", "'B'"]])
    two["cases"] += three["cases"]
    (test,) = written(two)
    assert "@pytest.mark.parametrize(" in test.text
    assert "('a', 'A')" in test.text
    assert test.text.count("assert ") == 1


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"owner": "Cookie", "receiver": "Cookie('({0})')", "callee": "{self}.encode", "args": []},
            "assert Cookie('({0})').encode() is None",
        ),
        (
            {"style": "operator", "callee": "{0} + {1}", "args": [["left", "'{1}'"], ["right", "'{self}'"]]},
            "assert ('{1}' + '{self}') is None",
        ),
        (
            {"args": [["text", "'x'"]], "checks": [["result", "==", "'{0} {self}'"]]},
            "assert parse('x') == '{0} {self}'",
        ),
    ],
    ids=["object", "operator", "expected"],
)
def test_texts_that_look_like_places_stay_as_they_are(event: Event, changes: dict[str, Any], line: str) -> None:
    """Only a template's own `{self}` and `{0}` stand for something, not those in the values of the code under test."""
    args = [{"name": name, "how": "positional", "text": text} for name, text in changes.pop("args")]
    (test,) = written(event(args=args, **changes))
    assert line in test.text


def test_only_the_stable_part_of_a_message_is_matched(event: Event) -> None:
    """A message with characters that mean something in a pattern is escaped."""
    (test,) = written(event(error="ValueError", message="no (such) word", checks=[]))
    assert "match=re.escape('no (such) word')" in test.text


def test_imports_come_once_and_only_where_used(event: Event) -> None:
    """Each import line is written before its first use and never again."""
    module = TestModule("words", rows=12)
    observed = read_observed(event(error="ValueError", checks=[]))
    (test,) = module.write(observed)
    assert module.imports(test.text, observed.origins).splitlines() == ["import pytest", "from words import parse"]
    assert not module.imports(test.text, observed.origins)


@pytest.mark.parametrize(
    "changes",
    [
        {"receiver": "(yield)"},
        {"receiver": "x\nimport os"},
        {"checks": [["result", "==", "[x for x in (y := 1,)]"]]},
        {"checks": [["result", "becomes", "1"]]},
        {"checks": [["result", "=="]]},
        {"args": [{"name": "text", "how": "sideways", "text": "1"}]},
        {"args": [{"name": "text", "how": "positional", "text": "1); import os; (2"}]},
        {"before": ["import os"]},
        {"wrap": "exec"},
        {"error": "await x"},
        {"symbol": 3},
        {"before": "x"},
    ],
)
def test_what_is_no_observation_is_refused(event: Event, changes: dict[str, Any]) -> None:
    """The guest shares a process with strangers' code: statements and unknown words do not become text of a test."""
    with pytest.raises(Malformed):
        read_observed(event(**changes))


@pytest.mark.parametrize("text", ["float('inf')", "-10**40", "'\\u2028\"\\''", "b'\\xff'", "{1: {2: (3,)}}"])
def test_odd_values_are_rendered_as_they_are(event: Event, text: str) -> None:
    """Escapes, huge numbers and nested values survive the way into a test."""
    (test,) = written(event(checks=[["result", "==", text]]))
    comparison = next(node for node in ast.walk(ast.parse(test.text)) if isinstance(node, ast.Compare))
    assert ast.dump(comparison.comparators[0]) == ast.dump(ast.parse(text, mode="eval").body)
