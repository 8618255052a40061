"""Requirements of every kind become a spec that can be used, with what was taken for granted told."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from headwater.errors import Problem
from headwater.synthesis.project.checking import Limits, check
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.spec import (
    FeatureKind,
    FieldType,
    OriginKind,
    RelationKind,
    Scope,
    Spec,
    Standing,
)
from headwater.synthesis.project.spec_json import to_json


def names(spec: Spec) -> list[str]:
    return [each.name for each in spec.entities]


def test_each_text_gives_a_spec_without_faults(requirements: str) -> None:
    """A spec of each text has an entity, and the checker finds nothing in it."""
    spec = parse(requirements)
    assert not check(spec)
    assert len(spec.entities) > 1


def test_stated_elements_name_the_words_that_state_them(requirements: str) -> None:
    """The span of what is stated lies in the text and holds a word of it."""
    spec = parse(requirements)
    origins = [each.origin for each in (*spec.entities, *spec.relations, *spec.features, *spec.roles)]
    origins += [field.origin for entity in spec.entities for field in entity.fields]
    for origin in origins:
        if origin.kind is OriginKind.STATED:
            assert origin.span is not None
            assert re.search(r"\w", requirements[origin.span.start : origin.span.end])


def test_the_same_text_gives_the_same_bytes(requirements: str) -> None:
    """Another process with another seed of hashes makes the same spec."""
    program = "import sys; from headwater.synthesis.project.parsing import parse\n"
    program += (
        "from headwater.synthesis.project.spec_json import to_json\nsys.stdout.write(to_json(parse(sys.stdin.read())))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            input=requirements,
            capture_output=True,
            text=True,
            check=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert found == {to_json(parse(requirements))}


def test_a_terse_blog_has_what_a_blog_has() -> None:
    """The sentence names no field; users, posts and comments have theirs, with owners and permissions."""
    spec = parse("Build a blog with authentication and comments")
    assert names(spec) == ["User", "Post", "Comment"]
    post, comment = spec.entity("Post"), spec.entity("Comment")
    assert post is not None
    assert comment is not None
    assert {"title", "slug", "body", "status", "published_at"} <= {each.name for each in post.fields}
    assert post.origin.kind is OriginKind.ARCHETYPE
    assert [(each.source, each.name, each.target) for each in spec.relations] == [
        ("Post", "author", "User"),
        ("Comment", "post", "Post"),
        ("Comment", "author", "User"),
    ]
    assert comment.owner == ("author",)
    visitor, member = (spec.permission(each, "Comment") for each in ("visitor", "author"))
    assert visitor is not None
    assert (visitor.create, visitor.read) == (Scope.NONE, Scope.ALL)
    assert member is not None
    assert (member.create, member.update, member.delete) == (Scope.OWN, Scope.OWN, Scope.OWN)
    assert {each.kind for each in spec.features} == {FeatureKind.AUTH, FeatureKind.COMMENTS}
    assert spec.assumptions


def test_sentences_give_fields_relations_and_rules() -> None:
    """What sentences say of a shop stands in the spec."""
    spec = parse(
        "A product has a name, a price of at least 1 and a SKU. The SKU must be unique. Every product belongs to one "
        "category. A category has a name. The status of a product can be draft, active or sold. Only admins can delete "
        "products."
    )
    product = spec.entity("Product")
    assert product is not None
    price, sku, status = (product.field(each) for each in ("price", "sku", "status"))
    assert price is not None
    assert (price.type, price.minimum) == (FieldType.DECIMAL, 1)
    assert sku is not None
    assert sku.unique
    assert status is not None
    assert status.choices == ("draft", "active", "sold")
    relation = next(each for each in spec.relations if each.target == "Category")
    assert (relation.source, relation.kind, relation.optional) == ("Product", RelationKind.MANY_TO_ONE, False)
    rows = {each.role: each.delete for each in spec.permissions if each.entity == "Product"}
    assert rows.pop("admin") is Scope.ALL
    assert set(rows.values()) == {Scope.NONE}


def test_lists_give_fields_with_types() -> None:
    """Lines of a name and its fields are read, whatever marks they use."""
    spec = parse(
        "## Book:\n- title (required, max 120)\n- pages integer between 1 and 9000\n- state: new | used = new\n\n"
        "Shelf: code unique, height decimal"
    )
    book, shelf = spec.entity("Book"), spec.entity("Shelf")
    assert book is not None
    assert shelf is not None
    title, pages, state = book.fields[:3]
    assert (title.required, title.maximum) == (True, 120)
    assert (pages.type, pages.minimum, pages.maximum) == (FieldType.INTEGER, 1, 9000)
    assert (state.choices, state.default) == (("new", "used"), "new")
    assert [(each.name, each.type, each.unique) for each in shelf.fields] == [
        ("code", FieldType.STRING, True),
        ("height", FieldType.DECIMAL, False),
    ]


def test_a_contradiction_becomes_a_question() -> None:
    """One author here and many there: the first counts, and the other is asked about."""
    spec = parse("A post has a title and one author. Posts have many authors.")
    asked = spec.questions[0]
    assert asked.taken == "one"
    assert asked.choices == ("one", "many")
    relation = next(each for each in spec.relations if each.source == "Post")
    assert relation.kind is RelationKind.MANY_TO_ONE


def test_circles_are_broken_and_told() -> None:
    """Things that need each other can be created all the same."""
    spec = parse(
        "A chicken has a name. An egg has a size. Each chicken belongs to one egg. Each egg belongs to one chicken."
    )
    assert not check(spec)
    assert any("circle" in each.text for each in spec.assumptions)


def test_nobody_signs_in_where_the_text_says_so() -> None:
    """Without accounts there is one role, which may do everything."""
    spec = parse("A guest book without login. A message has a name and a text.")
    assert spec.account is None
    assert [each.standing for each in spec.roles] == [Standing.ANONYMOUS]
    assert {scope for each in spec.permissions for scope in (each.create, each.delete)} == {Scope.ALL}


def test_what_the_stack_cannot_do_is_told() -> None:
    """Wishes beyond the stack are assumptions, not silence."""
    spec = parse("Build a shop with PayPal, an iOS app and machine learning.")
    told = " ".join(each.text for each in spec.assumptions)
    assert "no payment provider" in told
    assert "no native mobile app" in told
    assert "Nothing is learned" in told


@pytest.mark.parametrize(
    ("text", "reason", "place"),
    [
        ("", "REQUIREMENTS_EMPTY", "no word"),
        (" \n\t … !?", "REQUIREMENTS_EMPTY", "no word"),
        ("x" * 300_000, "REQUIREMENTS_TOO_LONG", "300000"),
        ("\n".join(f"Thing{at}: name, size integer" for at in range(500)), "REQUIREMENTS_TOO_MANY", "Thing499"),
        ("entities:\n  Post: [\n", "BLOCK_UNREADABLE", "line 3"),
        ("entities: &a\n  Post: *a\n", "BLOCK_INVALID", "line 2"),
        ("entities: " + "[" * 100 + "]" * 100, "BLOCK_INVALID", "line 1"),
        ("entities:\n  Post:\n    title: colour required\n", "BLOCK_INVALID", "entities.Post.title"),
        ("entities:\n  Post:\n    a: -> Nope\n", "BLOCK_INVALID", "entities.Post.a"),
        ("entities:\n  Post: {a: string}\nplugins: 1\n", "BLOCK_INVALID", "plugins"),
        ("entities:\n  Post: {a: string}\nfeatures: [flying]\n", "BLOCK_INVALID", "features[0]"),
    ],
    ids=("empty", "marks", "long", "many", "yaml", "alias", "deep", "type", "target", "key", "feature"),
)
def test_a_refusal_names_the_place(text: str, reason: str, place: str) -> None:
    """What cannot be used is refused with the place in the message."""
    with pytest.raises(Problem) as caught:
        parse(text)
    assert caught.value.reason == reason
    assert place.lower() in caught.value.message.lower()
    assert caught.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        "zebra",
        "Wir brauchen eine Anwendung für unsere Bücherei. Jedes Buch hat einen Namen und viele Seiten.",
        "我们需要一个博客系统，用户可以发表文章和评论。",
        "Build a blog\x00 with\u202e comments",
        "class: import, from, select, id, true\nselect: where, order\nlist: dict, self\nUser: role, metadata",
        "../../etc/passwd: a/b, c\\d",
        "Post: title, title, Title, TITLE text\nPost: body\nposts: status",
        "entities:\n  Node:\n    name: string\n    parent: -> Node\n    friends: [Node]\n",
        "entities: [Post, User, Comment]\n",
        ("The manager can see all reports about the employees and their working hours. " * 2600)[:200_000],
        ("lorem ipsum dolor sit amet consectetur " * 5200)[:200_000],
        "A thing has " + "a, " * 5000,
        "(" * 500 + "a" + "|" * 500,
    ],
    ids=lambda text: " ".join(re.findall(r"\w+", text)[:3]),
)
def test_odd_texts_give_a_working_spec(text: str) -> None:
    """One word, another language, reserved words, odd characters and length give a spec without faults."""
    spec = parse(text)
    assert not check(spec)
    assert spec.entities


def test_three_hundred_entities_are_read() -> None:
    """A list of three hundred things is three hundred entities."""
    spec = parse("\n".join(f"Thing{at}: name, size integer, status (a, b, c)" for at in range(300)))
    assert len(spec.entities) == 301
    assert not check(spec, Limits())


HOSTILE = 'x\'; DROP TABLE users;-- "{{7*7}}" ${HOME} `rm -rf /` <script>alert(1)</script> \\ ../..'


def test_hostile_text_never_becomes_a_name() -> None:
    """Quotes, templates, shell and SQL in every place leave names of letters and digits."""
    spec = parse(
        f"{HOSTILE}: {HOSTILE}, body text\n\nA note has a {HOSTILE} and a name. "
        f"As a {HOSTILE}, I want to add a {HOSTILE}.",
        name=HOSTILE,
    )
    assert not check(spec)
    identifiers = [spec.name, *(each.name for each in (*spec.entities, *spec.relations, *spec.roles))]
    identifiers += [
        word for each in spec.entities for word in (each.name, each.plural, *(field.name for field in each.fields))
    ]
    identifiers += [field.name for each in spec.entities for field in each.fields]
    identifiers += [choice for each in spec.entities for field in each.fields for choice in field.choices]
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", each, re.ASCII) for each in identifiers)
