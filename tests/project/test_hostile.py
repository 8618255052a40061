# ruff: noqa: E501 — a text of the table is a text
"""Whatever stands in the requirements, a spec without faults comes of it, or a refusal that names place and remedy."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headwater.errors import Problem
from headwater.synthesis.project.checking import Limits, check
from headwater.synthesis.project.complexity import measure
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.spec import Scope, Spec, Standing
from headwater.synthesis.project.spec_json import from_json, to_json

HOSTILE = (
    "{{7*7}}", "${HOME}", "`rm -rf /`", "$(id)", "'; DROP TABLE users;--", '" or 1=1', "</script><script>alert(1)",
    "../../etc/passwd", "a/b\\c", "%s%n", "\\u0000", "日本語", "Größe", "🙂", "a\u202eb", "class", "import", "select",
    "None", "id", "user", "User", "list", "self", "metadata", "role", "password", "email", "1st", "x" * 90, "", " ",
    "type", "order", "__proto__", "constructor", "__init__", "created_at", "-- ", "#", "*/", "-->", "&amp;", "\x1b[2J",
)  # fmt: skip
WORDS = (
    "post", "comment", "a customer", "orders", "each room", "users", "many authors", "one author", "managers", "admins",
    "their own posts", "everything", "the status of a task", "price", "name", "due date", "email", "photos", "a booking",
)  # fmt: skip
noun = st.one_of(st.sampled_from(HOSTILE), st.sampled_from(WORDS), st.text(max_size=10))
FORMS = (
    "{} has {}, {} and {}.", "Each {} belongs to {}.", "As a {}, I want to add {} so that {}.", "Only {} can delete {}.",
    "{} can edit {} and {}.", "{}: {}, {} required, {} integer between 3 and 1", "- {}", "## {}\n- {}\n- {}: {}",
    "{} ({}, {}, {})", "The {} must be unique.", "The {} can be {}, {} or {}.", "Build a {} with {} and {}", "| {} | {} |",
    "{} sign up for {}.", "There are several {}.", "{} are stored in {}.", "{} must not {} {}", "For each {} we note {}.",
    "entity {} {{ {} String required\n {} Integer min(2) }}", "enum {} {{ {}, {} }}", "relationship OneToMany {{ {} to {} }}",
    "entities:\n  {}:\n    {}: {}\n", "roles: [{}]", "{} — {}", "{}", "without login", "like {} clone", "{} = {} | {}",
    "{} at least 99999999999999999999", "{} default {}",
)  # fmt: skip


@st.composite
def requirements(draw: st.DrawFn) -> str:
    """Sentences, lists, blocks and tables with anything in the places of names."""
    parts: list[str] = []
    for _ in range(draw(st.integers(1, 6))):
        form = draw(st.sampled_from(FORMS))
        parts.append(form.format(*(draw(noun) for _ in range(form.count("{}")))))
    return draw(st.sampled_from(["\n", " ", "\n\n"])).join(parts)


@settings(max_examples=250, deadline=None)
@given(requirements(), noun)
@example("Post: a, a, A, á\nUser: email integer, password date, role file, id", "post")
@example("Each a belongs to b. Each b belongs to c. Each c belongs to a. Each a belongs to a.", "")
@example(
    "lawyers (leads, invoices)\n\nInvoiceItem (catalogue of books, exam platform)\n\nFor each photo we note None.", ""
)
@example("entity A { a String } relationship OneToOne { A{b required} to A{c required} }", "A")
def test_any_text_gives_a_sound_spec_or_a_refusal(text: str, name: str) -> None:
    """The spec has no faults, can be written, read and measured; a refusal has reason, place and remedy."""
    found = attempt(text, name)
    if isinstance(found, Problem):
        assert re.fullmatch(r"(?:REQUIREMENTS|BLOCK)_[A-Z_]+", found.reason)
        assert found.violations[0].field.startswith("requirements")
        assert found.remedy
        return
    assert not check(found)
    assert from_json(to_json(found)) == found
    assert measure(found).cosmic > 0
    assert_safe(found)


def attempt(text: str, name: str) -> Spec | Problem:
    """Returns the spec of a text, or why there is none."""
    try:
        return parse(text, name=name, description=text[:50])
    except Problem as refused:
        return refused


def assert_safe(spec: Spec) -> None:
    """Asserts that every name is an identifier of letters and digits, and that only who signs in changes rows."""
    names = [spec.name, *(each.name for each in (*spec.entities, *spec.relations, *spec.roles))]
    names += [each.inverse for each in spec.relations] + [each.plural for each in spec.entities]
    fields = [field for each in spec.entities for field in each.fields]
    names += [each.name for each in fields] + [choice for each in fields for choice in each.choices]
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", each, re.ASCII) for each in names)
    texts = [spec.title, spec.description, *(each.label for each in (*spec.entities, *fields, *spec.roles))]
    assert not any(re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", each) for each in texts)
    anonymous = next(each.name for each in spec.roles if each.standing is Standing.ANONYMOUS)
    for row in spec.permissions if spec.account else ():
        assert row.role != anonymous or {row.update, row.delete} == {Scope.NONE}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_in_every_place(hostile: str) -> None:
    """One hostile word in each place of each form at once."""
    text = "\n".join(form.format(*[hostile] * form.count("{}")) for form in FORMS if "entit" not in form)
    assert_safe(parse(text, name=hostile, description=hostile))


def test_three_hundred_things_of_every_form_are_read() -> None:
    """Three hundred things that refer to each other, in sentences and in lists, are within the limits."""
    names = [f"{'abcdefghij'[at % 10] * 3}{'klmnopqrst'[at // 10 % 10] * 2}{'uvw'[at // 100]}" for at in range(300)]
    lists = "\n".join(f"{name}: title, {before}, status (on, off)" for before, name in pairwise(names))
    prose = " ".join(f"A {name} has a title and many {other}s." for name, other in pairwise(names))
    for text in (lists, prose):
        spec = parse(text)
        assert len(spec.entities) >= 299
        assert not check(spec, Limits())
