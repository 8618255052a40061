"""Brings the many shapes of a spec block into one: mappings of names to fields, under the keys that `block` reads."""

from __future__ import annotations

from typing import Any, cast

from headwater.synthesis.project.parsing.kinds import TYPES

HEADS = {
    "project": "name", "project_name": "name", "app": "name", "application": "name", "models": "entities",
    "resources": "entities", "tables": "entities", "actors": "roles", "users": "roles", "about": "description",
}  # fmt: skip
"""Other words for the keys of a block."""
IDLE = frozenset({"version", "spec", "spec_version", "author", "license"})
"""Keys that say nothing of the application."""
FIELDS = ("fields", "attributes", "columns", "properties")


def shaped(given: dict[str, Any]) -> dict[str, Any]:
    """Returns a block in the shape that is read; what has another shape still is left as it is, to be refused."""
    block = {HEADS.get(key, key): value for key, value in given.items() if key not in IDLE}
    if isinstance(block.get("entities"), list):
        block["entities"] = _named(cast("list[Any]", block["entities"]))
    if isinstance(block.get("entities"), dict):
        block["entities"] = {name: _entity(said) for name, said in cast("dict[str, Any]", block["entities"]).items()}
    if isinstance(block.get("roles"), dict):
        block["roles"] = list(cast("dict[str, Any]", block["roles"]))
    if isinstance(block.get("roles"), list):
        block["roles"] = [_name(each) for each in cast("list[Any]", block["roles"])]
    return block


def _entity(said: Any) -> Any:
    """Returns an entity with its fields as a mapping, under the one key for them where it has one."""
    if isinstance(said, list):
        return _named(cast("list[Any]", said))
    if not isinstance(said, dict):
        return said
    told = cast("dict[str, Any]", said)
    key = next((each for each in FIELDS if isinstance(told.get(each), list | dict)), None)
    if key is None:
        return told
    fields = told[key]
    rest = {name: value for name, value in told.items() if name != key}
    return {**rest, "fields": _named(cast("list[Any]", fields)) if isinstance(fields, list) else fields}


def _named(members: list[Any]) -> Any:
    """Returns a list of names, of `{name: …}` and of mappings with one key as one mapping; any other list as it is."""
    found: dict[str, Any] = {}
    for each in members:
        if not isinstance(each, dict):
            found[str(each)] = None
            continue
        told = cast("dict[str, Any]", each)
        found |= told if len(told) == 1 and not isinstance(told.get("name"), str) else _by_name(told)
    return found


def _by_name(told: dict[str, Any]) -> dict[str, Any]:
    """Returns `{name: title, type: string}` as `{title: {type: string}}`; a field that is called `name` as it is."""
    if "name" not in told or told["name"] in TYPES or len(told) == 1:
        return told
    return {str(told["name"]): {key: value for key, value in told.items() if key != "name"} or None}


def _name(role: Any) -> Any:
    return cast("dict[str, Any]", role).get("name", role) if isinstance(role, dict) else role
