"""Writes the tests of lists: pages, order, filters and search; and of what else is made of many rows."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import Route, RouteKind
from headwater.synthesis.project.payloads import Property
from headwater.synthesis.project.python import quoted
from headwater.synthesis.project.spec import Entity, FieldType, RelationKind, Scope
from headwater.synthesis.project.suite.access import own_row
from headwater.synthesis.project.suite.cells import best, is_owned
from headwater.synthesis.project.suite.code import cases, function
from headwater.synthesis.project.suite.rows import is_alone, makes_row


def lists(plan: Plan, entity: Entity) -> Iterator[list[str]]:
    """Yields the tests of the list of an entity that somebody may read."""
    route, reader = plan.interface.route(RouteKind.LIST, entity.name), best(plan, entity, RouteKind.LIST)
    if route is None or reader is None:
        return
    signed = f"caller = api.sign_in({quoted(reader)})"
    alone = route.scope(reader) is Scope.OWN and (entity.account or is_alone(plan.spec, entity))
    row = makes_row(entity) if is_alone(plan.spec, entity) else makes_row(entity, "caller.id")
    several = ["for _ in range(3):", f"    {row}"] if not alone else [own_row(entity)] if not entity.account else []
    yield function(
        "test_pages_follow_each_other(api: Api, rows: Rows)",
        "Pages hold each row once, in the order of the whole.",
        signed,
        *several,
        "whole = caller.get(ROUTE, limit=100).json()",
        "first, second = (caller.get(ROUTE, limit=2, offset=start).json() for start in (0, 2))",
        'assert [*first["items"], *second["items"]] == whole["items"][:4]',
        f'assert whole["total"] == first["total"] == len(whole["items"]) >= {1 if alone else 3}',
    )
    yield function(
        "test_what_a_page_cannot_be(api: Api, query: dict[str, object])",
        "A page of no size, of too many rows, before the first or in no known order is refused.",
        signed,
        "refused(caller.get(ROUTE, **query))",
        before=cases(
            ("query",), [('{"limit": 0}',), ('{"limit": 101}',), ('{"offset": -1}',), ('{"sort": "no_such_field"}',)]
        ),
    )
    if route.sorts:
        yield _sorted(route, signed, several)
    yield from _narrowed(plan, entity, route, signed)
    if route.searched:
        yield from _found(entity, signed)


def _sorted(route: Route, signed: str, several: list[str]) -> list[str]:
    return function(
        "test_lists_are_sorted(api: Api, rows: Rows, name: str)",
        "A minus before the name turns the order round.",
        signed,
        *several,
        'rising = [each[name] for each in caller.get(ROUTE, sort=name).json()["items"]]',
        'falling = [each[name] for each in caller.get(ROUTE, sort=f"-{name}").json()["items"]]',
        "assert rising == falling[::-1]",
        "assert rising",
        before=cases(("name",), [(quoted(each),) for each in route.sorts]),
    )


def _narrowed(plan: Plan, entity: Entity, route: Route, signed: str) -> Iterator[list[str]]:
    row = own_row(entity) if is_owned(entity) else makes_row(entity)
    plain = [each for each in route.filters if each.field and not each.limit and each.type is not FieldType.FILE]
    if plain:
        yield function(
            "test_lists_are_narrowed_by_values(api: Api, rows: Rows, name: str)",
            "A filter leaves the rows that have the value.",
            signed,
            f"row = {row}",
            'shown = caller.get(ROUTE, sort="-id", limit=100).json()["items"]',
            'value = next(each[name] for each in shown if each["id"] == row)',
            'found = caller.get(ROUTE, limit=100, **{name: value}).json()["items"]',
            'assert row in [each["id"] for each in found]',
            "assert all(each[name] == value for each in found)",
            before=cases(("name",), [(quoted(each.name),) for each in plain]),
        )
    yield from _stretched(route, row, signed)
    single = [each.name for each in route.filters if each.field is None and _is_set(plan, entity, each)]
    if single:
        yield function(
            "test_lists_are_narrowed_by_relations(api: Api, rows: Rows, name: str)",
            "A filter leaves the rows that refer to a row.",
            signed,
            f"row, _ = {row}, {makes_row(entity)}",
            'shown = caller.get(ROUTE, sort="-id", limit=100).json()["items"]',
            'value = next(each[name.removesuffix("_id")]["id"] for each in shown if each["id"] == row)',
            'found = caller.get(ROUTE, limit=100, **{name: value}).json()["items"]',
            'assert [each["id"] for each in found] == [row]',
            before=cases(("name",), [(quoted(each),) for each in single]),
        )


def _stretched(route: Route, row: str, signed: str) -> Iterator[list[str]]:
    """Yields the test of the moments that a list can be narrowed by, where both ends of a stretch can be asked for."""
    ends = [each.field.name for each in route.filters if each.limit and each.field]
    both = [name for name in dict.fromkeys(ends) if ends.count(name) > 1]
    if both:
        yield function(
            "test_lists_are_narrowed_by_moments(api: Api, rows: Rows, name: str)",
            "A stretch of time holds the moment that it begins with, and not the one that it ends with.",
            signed,
            f"row = {row}",
            'shown = caller.get(ROUTE, sort="-id", limit=100).json()["items"]',
            'value = next(each[name] for each in shown if each["id"] == row)',
            'since = caller.get(ROUTE, limit=100, **{f"{name}_from": value}).json()["items"]',
            'assert row in [each["id"] for each in since]',
            "assert all(each[name] >= value for each in since)",
            'before = caller.get(ROUTE, limit=100, **{f"{name}_until": value}).json()["items"]',
            "assert all(each[name] < value for each in before)",
            before=cases(("name",), [(quoted(each),) for each in both]),
        )


def _is_set(plan: Plan, entity: Entity, each: Property) -> bool:
    """Whether the factory of rows gives each row a relation of its own."""
    relations = {f"{one.name}_id": one for one in plan.spec.outgoing(entity.name)}
    found = relations.get(each.name)
    if found is None or found.kind is RelationKind.MANY_TO_MANY:
        return False
    return not found.optional or found.name in entity.owner[:1]


def _found(entity: Entity, signed: str) -> Iterator[list[str]]:
    name = next(each.name for each in entity.fields if each.searched)
    row = own_row(entity) if is_owned(entity) else makes_row(entity)
    yield function(
        "test_lists_are_searched(api: Api, rows: Rows)",
        "A search finds what a row says, in any case, and takes its signs for nothing but themselves.",
        signed,
        f"row = {row}",
        'shown = caller.get(ROUTE, sort="-id", limit=100).json()["items"]',
        f'value = next(each[{quoted(name)}] for each in shown if each["id"] == row)',
        'found = caller.get(ROUTE, q=value.upper(), limit=100).json()["items"]',
        'assert row in [each["id"] for each in found]',
        'assert caller.get(ROUTE, q=f"{value}%").json()["total"] == 0',
    )
