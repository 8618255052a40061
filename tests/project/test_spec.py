"""A spec goes to JSON and back, and every fault in one is named with its place and its remedy."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from headwater.errors import Problem
from headwater.synthesis.project.checking import Limits, check
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.spec import creation_order, needed
from headwater.synthesis.project.spec_json import from_json, from_value, to_json

BLOG = parse("Build a blog with authentication and comments")


def test_json_goes_both_ways(requirements: str) -> None:
    """What is read from the JSON of a spec equals it, and so does its text."""
    spec = parse(requirements)
    text = to_json(spec)
    assert from_json(text) == spec
    assert to_json(from_json(text)) == text


def entity(spec: Any, name: str) -> Any:
    return next(each for each in spec["entities"] if each["name"] == name)


FAULTS: tuple[tuple[str, Callable[[Any], Any], str], ...] = (
    ("unknown type", lambda s: entity(s, "Post")["fields"][0].update(type="varchar"), "entities[1].fields[0].type"),
    ("unknown key", lambda s: s.update(plugins=[]), "plugins"),
    ("missing name", lambda s: s["entities"][1].pop("name"), "entities[1].name"),
    ("number for text", lambda s: s["entities"][1].update(label=7), "entities[1].label"),
    ("no list", lambda s: s.update(entities="Post"), "entities"),
    ("doubled entity", lambda s: s["entities"].append(s["entities"][1]), "entities"),
    ("doubled field", lambda s: s["entities"][1]["fields"].append(s["entities"][1]["fields"][0]), "entities[1]"),
    ("dangling target", lambda s: s["relations"][0].update(target="Nobody"), "relations[0].target"),
    ("reserved field", lambda s: s["entities"][1]["fields"][0].update(name="class"), "entities[1].fields[0].name"),
    ("hostile name", lambda s: s["entities"][1].update(name="Post'; --"), "entities[1].name"),
    ("reserved plural", lambda s: s["entities"][1].update(plural="select"), "entities[1].plural"),
    ("emptied", lambda s: s["relations"][0].update(on_delete="set_null"), "relations[0].on_delete"),
    ("circle", lambda s: s["relations"].append({**s["relations"][0], "source": "User", "target": "Comment",
        "name": "favourite", "inverse": "fans"}), "relations"),
    ("no account", lambda s: s["entities"][0].update(account=False), "features"),
    ("no choices", lambda s: entity(s, "Post")["fields"][4].update(choices=[]), "entities[1].fields[4].choices"),
    ("wrong default", lambda s: entity(s, "Post")["fields"][4].update(default="lost"), "entities[1].fields[4].default"),
    ("crossed bounds", lambda s: entity(s, "Post")["fields"][0].update(minimum=300), "entities[1].fields[0].minimum"),
    ("nan", lambda s: s["entities"][1]["fields"][0].update(maximum=float("nan")), "entities[1].fields[0].maximum"),
    ("owner astray", lambda s: entity(s, "Comment").update(owner=["post"]), "entities[2].owner"),
    ("missing row", lambda s: s["permissions"].pop(), "permissions"),
    ("own of nobody", lambda s: s["permissions"][1].update(read="own"), "permissions[1]"),
    ("two anonymous", lambda s: s["roles"][1].update(standing="anonymous", default=False), "roles"),
)  # fmt: skip


@pytest.mark.parametrize(("spoil", "place"), [each[1:] for each in FAULTS], ids=[each[0] for each in FAULTS])
def test_each_fault_is_named_with_its_place(spoil: Callable[[Any], Any], place: str) -> None:
    """A spoiled spec is refused; a violation names the place and ends in what to do."""
    value = json.loads(to_json(BLOG))
    spoil(value)
    with pytest.raises(Problem) as caught:
        from_value(value)
    assert caught.value.reason == "SPEC_INVALID"
    told = [each for each in caught.value.violations if each.field == place]
    assert told, [each.field for each in caught.value.violations]
    assert all(";" in each.description for each in told)


@pytest.mark.parametrize("text", ["", "Sure! Here is the spec:", '{"name": "x"', "[" * 100_000, "null", "[]", '"text"'])
def test_what_is_no_spec_is_refused(text: str) -> None:
    """Prose, half of a spec and other JSON are refused, never a traceback."""
    with pytest.raises(Problem) as caught:
        from_json(text)
    assert caught.value.reason in {"SPEC_UNREADABLE", "SPEC_INVALID"}


def test_limits_are_told() -> None:
    """A spec beyond the limits is refused."""
    assert [each.field for each in check(BLOG, Limits(entities=2))] == ["entities"]


def test_creation_order_puts_what_is_needed_first(requirements: str) -> None:
    """Each entity comes after those that it cannot be without."""
    spec = parse(requirements)
    made = set[str]()
    for each in creation_order(spec):
        assert needed(spec)[each.name] <= made
        made.add(each.name)
