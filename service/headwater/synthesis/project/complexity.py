"""Counts the functional size of a spec: COSMIC function points with each data movement named, IFPUG points beside.

COSMIC (ISO/IEC 19761) sizes a functional process by its data movements: Entry, Exit, Read, Write, one each; sizes add
up. A process is counted for each action that anybody may do with an entity, and for each act of a feature; one Exit
stands for all confirmations and errors of a process. A blog with sign-in and comments is 11 + 20 + 21 = 52.
IFPUG points (ISO/IEC 20926) are in `function_points`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from headwater.synthesis.project.function_points import Points, points
from headwater.synthesis.project.spec import Action, Entity, FeatureKind, Relation, RelationKind, Scope, Spec


class Movement(enum.StrEnum):
    """The kinds of data movements."""

    ENTRY = "entry"
    EXIT = "exit"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One data movement: what is moved, and why it is counted."""

    kind: Movement
    group: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A functional process; its size is the number of its movements. `entity` is empty for what works on several."""

    name: str
    entity: str
    movements: tuple[Moved, ...]

    @property
    def size(self) -> int:
        """The size in COSMIC function points."""
        return len(self.movements)


class Level(enum.StrEnum):
    """How big an application is, by the quartiles of the requirement texts that come with the tests."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    VERY_LARGE = "very_large"


QUARTILES = (81, 104, 135)
"""The quartiles of the sizes of those texts; a test counts them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """What makes the application as big as it is: a part of it and its share of the points."""

    name: str
    size: int
    share: float
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How many files and tests are rendered; a renderer knows its own.

    Files: of every application, for each entity, for signing in. Tests: of every application, for each entity, cell of
    the permission matrix (a role, an entity, an action), rule of a field, relation.
    """

    files: float = 46
    files_per_entity: float = 8
    files_of_auth: float = 6
    tests: float = 0
    tests_per_entity: float = 0
    tests_per_cell: float = 1
    tests_per_rule: float = 1
    tests_per_relation: float = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Complexity:
    """The size of a spec, with the trace by which it can be counted again."""

    processes: tuple[Process, ...]
    by_entity: tuple[tuple[str, int], ...]
    cosmic: int
    ifpug: Points
    level: Level
    files: int
    tests: int
    drivers: tuple[Driver, ...]


def measure(spec: Spec, rates: Rates | None = None) -> Complexity:
    """Returns the size of a valid spec."""
    known = rates or Rates()
    processes = (*_of_entities(spec), *_of_features(spec))
    total = sum(each.size for each in processes)
    sizes = {entity.name: 0 for entity in spec.entities}
    for each in processes:
        if each.entity:
            sizes[each.entity] += each.size
    auth = spec.feature(FeatureKind.AUTH) is not None
    return Complexity(
        processes=processes,
        by_entity=tuple(sizes.items()),
        cosmic=total,
        ifpug=points(spec),
        level=level(total),
        files=round(known.files + known.files_per_entity * len(spec.entities) + known.files_of_auth * auth),
        tests=predicted_tests(spec, known),
        drivers=tuple(_drivers(spec, processes, total)),
    )


def level(size: int) -> Level:
    """Returns the level of a size: which quarter of the known texts it would fall into."""
    return list(Level)[sum(size > each for each in QUARTILES)]


def predicted_tests(spec: Spec, rates: Rates) -> int:
    """Returns how many tests a spec asks for: each cell of the matrix, each rule of a field, each relation."""
    cells = len(spec.permissions) * len(Action)
    rules = sum(
        field.required + field.unique + (field.minimum is not None) + (field.maximum is not None) + bool(field.choices)
        for entity in spec.entities
        for field in entity.fields
    )
    return round(
        rates.tests
        + rates.tests_per_entity * len(spec.entities)
        + rates.tests_per_cell * cells
        + rates.tests_per_rule * rules
        + rates.tests_per_relation * len(spec.relations)
    )


def _of_entities(spec: Spec) -> Iterator[Process]:
    for entity in spec.entities:
        if entity.account:
            continue
        for action in Action:
            if any(each.entity == entity.name and each.scope(action) is not Scope.NONE for each in spec.permissions):
                yield from _process(spec, entity, action)


def _process(spec: Spec, entity: Entity, action: Action) -> Iterator[Process]:
    """Yields the processes of an action: reading is reading one and listing them."""
    group, name = entity.name, entity.label.lower()
    answer = Moved(kind=Movement.EXIT, group="message", because="confirmation or error")
    entry = Moved(kind=Movement.ENTRY, group=group, because="what is asked for")
    read = Moved(kind=Movement.READ, group=group, because="the row")
    write = Moved(kind=Movement.WRITE, group=group, because="the row")
    shown = Moved(kind=Movement.EXIT, group=group, because="what is shown")
    if action is Action.CREATE:
        joined = [moved for each in spec.outgoing(entity.name) for moved in _checked(each)]
        yield Process(name=f"create {name}", entity=group, movements=(entry, *joined, write, answer))
    elif action is Action.READ:
        yield Process(name=f"get {name}", entity=group, movements=(entry, read, shown, answer))
        yield Process(name=f"list {entity.plural}", entity=group, movements=(entry, read, shown, answer))
    else:
        yield Process(name=f"{action} {name}", entity=group, movements=(entry, read, write, answer))


def _checked(relation: Relation) -> Iterator[Moved]:
    yield Moved(kind=Movement.READ, group=relation.target, because=f"{relation.name} must exist")
    if relation.kind is RelationKind.MANY_TO_MANY:
        yield Moved(kind=Movement.WRITE, group=f"{relation.source}_{relation.name}", because="who is joined with whom")


def _of_features(spec: Spec) -> Iterator[Process]:
    for feature in spec.features:
        if feature.kind is FeatureKind.AUTH and spec.account:
            group = spec.account.name
            yield _acts("register", group, "entry read write message")
            yield _acts("log in", group, "entry read exit message")
            yield _acts("who am I", group, "entry read exit")
        elif feature.kind is FeatureKind.SEARCH:
            yield _over("search", feature.entities)
        elif feature.kind is FeatureKind.DASHBOARD:
            yield _over("dashboard", feature.entities)
        elif feature.kind in {FeatureKind.EXPORT, FeatureKind.HISTORY}:
            for name in feature.entities:
                yield _acts(f"{feature.kind} of {name}", name, "entry read exit message")


def _acts(name: str, group: str, words: str) -> Process:
    movements = tuple(
        Moved(kind=Movement.EXIT, group="message", because="confirmation or error")
        if word == "message"
        else Moved(kind=Movement(word), group=group, because=name)
        for word in words.split()
    )
    return Process(name=name, entity=group, movements=movements)


def _over(name: str, groups: tuple[str, ...]) -> Process:
    return Process(
        name=name,
        entity="",
        movements=(
            Moved(kind=Movement.ENTRY, group=name, because="what is asked for"),
            *(Moved(kind=Movement.READ, group=each, because=name) for each in groups),
            Moved(kind=Movement.EXIT, group=name, because="what was found"),
            Moved(kind=Movement.EXIT, group="message", because="confirmation or error"),
        ),
    )


def _drivers(spec: Spec, processes: tuple[Process, ...], total: int) -> Iterator[Driver]:
    """Yields the parts of the application from the biggest on: entities, and the features that work on several."""
    sizes: dict[str, int] = {}
    for each in processes:
        key = each.entity or each.name
        sizes[key] = sizes.get(key, 0) + each.size
    for name, size in sorted(sizes.items(), key=lambda each: (-each[1], each[0])):
        relations = len(spec.outgoing(name))
        known = spec.entity(name)
        because = (
            "signing in" if known and known.account else f"{relations} relations to check" if known else "a feature"
        )
        yield Driver(name=name, size=size, share=round(size / total, 4) if total else 0.0, because=because)
