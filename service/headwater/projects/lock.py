"""Writes and reads `.headwater/project.json`: what a project was generated from, so that it can be generated again."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, cast

from headwater.errors import Problem, invalid
from headwater.projects import Edition, Previous, planning
from headwater.synthesis.project import spec_json
from headwater.synthesis.project.files import Database, Hook, License, Options, Plan, Target
from headwater.synthesis.project.hooks import Beside, fault_of
from headwater.synthesis.project.schema import FIRST_LAYOUT, LAYOUT

FORMAT = 1
PATH = ".headwater/project.json"
MANIFEST = ".headwater/manifest.json"
FIELD = "previous"
REMEDY = f"Send the text of the project's {PATH} as it was generated, or leave it out."
MOST_EARLIER = 100
MOST_HOOKS = 100


def write(previous: Previous) -> str:
    """Returns the text of the file."""
    options = {name: _plain(value) for name, value in dataclasses.asdict(previous.options).items()}
    value: dict[str, Any] = {
        "format": FORMAT,
        "options": options,
        "spec": _written(previous.edition),
        "earlier": [_written(each) for each in previous.earlier],
    }
    if previous.hooks:
        value["hooks"] = [dataclasses.asdict(each) for each in previous.hooks]
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def read(text: str) -> Previous:
    """Reads the text of the file. Raises Problem INVALID_ARGUMENT `PREVIOUS_UNREADABLE`, with the place."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(f"It is no JSON: {error}.") from error
    if not isinstance(value, dict):
        raise _unreadable("It is no JSON object.")
    known = cast("Mapping[str, Any]", value)
    if known.get("format") != FORMAT:
        raise _unreadable(f"Its format is {str(known.get('format'))[:40]!r}; this version reads {FORMAT}.")
    earlier = known.get("earlier", [])
    if not isinstance(earlier, list) or len(cast("list[Any]", earlier)) > MOST_EARLIER:
        raise _unreadable(f"`earlier` is no list of at most {MOST_EARLIER} specs.")
    edition, options = _edition(known.get("spec"), "spec"), _options(known.get("options"))
    return Previous(
        edition=edition,
        options=options,
        earlier=tuple(_edition(each, f"earlier[{at}]") for at, each in enumerate(cast("list[Any]", earlier))),
        hooks=_hooks(known.get("hooks", []), planning.plan(edition.spec, options)),
    )


def _written(edition: Edition) -> Mapping[str, Any]:
    return {"layout": edition.layout, **spec_json.to_value(edition.spec)}


def _edition(value: Any, place: str) -> Edition:
    """Reads a spec with the layout before it, which none has that is older than the second one."""
    layout: Any = FIRST_LAYOUT
    if isinstance(value, dict):
        value = dict(cast("Mapping[str, Any]", value))
        layout = value.pop("layout", FIRST_LAYOUT)
    if type(layout) is not int or not FIRST_LAYOUT <= layout <= LAYOUT:
        raise _unreadable(f"`{place}.layout` is {str(layout)[:40]!r}; this version reads up to {LAYOUT}.")
    try:
        return Edition(spec=spec_json.from_value(value), layout=layout)
    except Problem as problem:
        raise _unreadable(f"`{place}`: {problem.message}") from problem


def _options(value: Any) -> Options:
    if not isinstance(value, dict):
        raise _unreadable("`options` is no object.")
    given = cast("Mapping[str, Any]", value)
    try:
        return Options(
            database=Database(given["database"]),
            frontend=bool(given["frontend"]),
            targets=tuple(Target(each) for each in given["targets"]),
            license=License(given["license"]),
            seed=int(given["seed"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(f"`options` cannot be used: {type(error).__name__} {error}.") from error


def _hooks(value: Any, plan: Plan) -> tuple[Hook, ...]:
    """Reads hooks, which are screened as if a model had just written them."""
    names = {each.name for each in dataclasses.fields(Hook)}
    if not isinstance(value, list) or len(cast("list[Any]", value)) > MOST_HOOKS:
        raise _unreadable(f"`hooks` is no list of at most {MOST_HOOKS}.")
    for at, each in enumerate(cast("list[Any]", value)):
        given: Mapping[str, Any] = cast("Mapping[str, Any]", each) if isinstance(each, dict) else {}
        if given.keys() != names or not all(isinstance(text, str) for text in given.values()):
            raise _unreadable(f"`hooks[{at}]` is no object of the texts {', '.join(sorted(names))}.")
    found: list[Hook] = []
    for at, each in enumerate(cast("list[Any]", value)):
        hook = Hook(**each)
        fault = fault_of(hook, Beside(plan=plan, others=tuple(found)))
        if fault:
            raise _unreadable(f"`hooks[{at}]` cannot be used: {fault}.")
        found.append(hook)
    return tuple(found)


def _plain(value: Any) -> Any:
    return [str(each) for each in cast("tuple[Any, ...]", value)] if isinstance(value, tuple) else value


def _unreadable(what: str) -> Problem:
    return invalid("PREVIOUS_UNREADABLE", FIELD, f"What the project was generated from cannot be read. {what}", REMEDY)
