"""Any text becomes a name that Python, TypeScript, SQL and a path can bear."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.synthesis.project.naming import Kind, safe, snake, table, trouble
from headwater.synthesis.project.plurals import plural, singular, with_article


@given(st.text(max_size=120), st.sampled_from(list(Kind)))
def test_every_text_has_a_safe_name(text: str, kind: Kind) -> None:
    """A safe name has no trouble, whatever it was made of, and can be made safe again."""
    name = safe(text, kind).name
    assert not trouble(name, kind)
    assert name.isidentifier()
    assert kind is Kind.CHOICE or not keyword.iskeyword(name), "a choice is a text, all else stands in code"
    assert not trouble(safe(name, kind).name, kind)


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("class", Kind.ENTITY, "ClassRecord"),
        ("from", Kind.FIELD, "start_value"),
        ("select", Kind.FIELD, "select_value"),
        ("list", Kind.FIELD, "list_value"),
        ("../../etc/passwd", Kind.ENTITY, "EtcPasswd"),
        ("Größe (m²)", Kind.FIELD, "groesse_m2"),
        ("Заказ", Kind.ENTITY, "Zakaz"),
        ("日本", Kind.ENTITY, "RiBen"),
        ("문서 제목", Kind.FIELD, "mun_seo_je_mog"),
        ("☂", Kind.ENTITY, "Thing"),
        ("2nd line", Kind.FIELD, "note_2nd_line"),
        ("order item", Kind.ENTITY, "OrderItem"),
    ],
)
def test_names_that_mean_something_else_are_changed(text: str, kind: Kind, name: str) -> None:
    """Keywords, SQL words, builtins, paths and other scripts give another name, and a reason where one is due."""
    found = safe(text, kind)
    assert found.name == name
    assert bool(found.because) == (text != "order item")


@pytest.mark.parametrize(
    ("one", "many"),
    [("category", "categories"), ("person", "people"), ("class", "classes"), ("course", "courses"), ("box", "boxes"),
     ("day", "days"), ("analysis", "analyses"), ("book", "books"), ("status", "statuses"), ("address", "addresses")],
)  # fmt: skip
def test_plurals_go_both_ways(one: str, many: str) -> None:
    """A noun's plural leads back to it."""
    assert plural(one) == many
    assert singular(many) == one


@pytest.mark.parametrize(
    "told", ["a user", "an order", "an hour", "a unit", "an uninstall", "an umbrella", "a one time code", "a European"]
)
def test_articles_go_by_the_sound(told: str) -> None:
    """What sounds like a vowel has an, whatever its letter is."""
    noun = told.partition(" ")[2].lower()
    assert with_article(noun) == told.lower()


def test_tables_are_plural_snake_case() -> None:
    """An entity's table is its plural."""
    assert table("OrderItem") == "order_items"
    assert snake("HTTPServer") == "http_server"
