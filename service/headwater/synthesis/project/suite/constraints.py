"""Writes the tests of what rows can hold: bounds, choices, what is required or unique, and what may not be assigned."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.payloads import Property, Shape, created, owner_relation, written_name
from headwater.synthesis.project.python import quoted
from headwater.synthesis.project.spec import Entity, FieldType, OnDelete, RelationKind, Scope
from headwater.synthesis.project.suite.access import body, own_row, together_names
from headwater.synthesis.project.suite.cells import best, is_owned
from headwater.synthesis.project.suite.code import cases, function
from headwater.synthesis.project.suite.rows import makes_row
from headwater.synthesis.project.suite.values import at_bounds, refused

NOWHERE = "999999999"
"""A number that no row has."""


def constants(plan: Plan, entity: Entity) -> list[str]:
    """Returns the table of values that must be refused, by creating and by changing."""
    rows = [f"    ({quoted(name)}, {value})," for name, value in _refused(plan, entity)]
    return ["REFUSED = [", *rows, "]", '"""Fields with values that they cannot hold."""'] if rows else []


def constraints(plan: Plan, entity: Entity) -> Iterator[list[str]]:
    """Yields the tests of an entity that somebody may create."""
    creator = best(plan, entity, RouteKind.CREATE)
    if creator is not None:
        yield from _creating(plan, entity, creator)
    changer = best(plan, entity, RouteKind.UPDATE)
    if changer is not None:
        yield from _changing(plan, entity, changer)
    remover = best(plan, entity, RouteKind.DELETE)
    if remover is not None:
        yield from _removing(plan, entity, remover)


def _creating(plan: Plan, entity: Entity, creator: str) -> Iterator[list[str]]:
    properties = created(plan.spec, entity).properties
    back = [f"assert {_shown(each)}" for each in properties if _comes_back(each)]
    back += ['assert not {"password", "password_hash"} & shown.keys()'] if entity.account else []
    signed = f"caller = api.sign_in({quoted(creator)})"
    yield function(
        "test_what_was_sent_is_what_is_kept(api: Api, rows: Rows)",
        "The answer to creating a row shows what was sent.",
        signed,
        f"sent = {body(entity)}",
        "answer = caller.post(ROUTE, sent)",
        "assert answer.status_code == 201, answer.text",
        "shown = answer.json()" if back else "",
        *back,
    )
    required = [each.name for each in properties if each.required]
    if required:
        yield function(
            "test_what_is_required(api: Api, rows: Rows, name: str)",
            "A row is not created without what it cannot be without.",
            signed,
            f"sent = {body(entity)}",
            "del sent[name]",
            "assert name in refused(caller.post(ROUTE, sent))",
            before=cases(("name",), [(quoted(each),) for each in required]),
        )
    if list(_refused(plan, entity)):
        yield function(
            "test_what_a_new_row_cannot_hold(api: Api, rows: Rows, name: str, value: object)",
            "A value that does not fit is refused, and the answer names its field.",
            signed,
            f"answer = caller.post(ROUTE, {{**{body(entity)}, name: value}})",
            "assert name in refused(answer)",
            before=['@pytest.mark.parametrize(("name", "value"), REFUSED)'],
        )
    allowed = [(quoted(each.name), value) for each in properties if each.field for value in at_bounds(each.field)]
    if allowed:
        yield function(
            "test_bounds_and_choices_are_allowed(api: Api, rows: Rows, name: str, value: object)",
            "The outermost values belong to what a field can hold.",
            signed,
            f"answer = caller.post(ROUTE, {{**{body(entity)}, name: value}})",
            "assert answer.status_code == 201, answer.text",
            before=cases(("name", "value"), allowed),
        )
    yield from _unique(plan, entity, signed)
    yield from _assigned(plan, entity, signed)


def _changing(plan: Plan, entity: Entity, changer: str) -> Iterator[list[str]]:
    row = own_row(entity) if is_owned(entity) else makes_row(entity)
    if list(_refused(plan, entity)):
        yield function(
            "test_what_a_row_cannot_become(api: Api, rows: Rows, name: str, value: object)",
            "A change is held to the same rules, and changes nothing if it is refused.",
            f"caller = api.sign_in({quoted(changer)})",
            f'path = f"{{ROUTE}}/{{{row}}}"',
            "assert name in refused(caller.patch(path, {name: value}))",
            before=['@pytest.mark.parametrize(("name", "value"), REFUSED)'],
        )


def _removing(plan: Plan, entity: Entity, remover: str) -> Iterator[list[str]]:
    """Yields the tests of what becomes of rows that refer to one that goes."""
    route = plan.interface.route(RouteKind.DELETE, entity.name)
    every = route is not None and route.scope(remover) is Scope.ALL
    row = makes_row(entity) if every else own_row(entity)
    for relation in plan.spec.incoming(entity.name):
        source = plan.spec.entity(relation.source)
        if source is None or source == entity or relation.kind is RelationKind.MANY_TO_MANY:
            continue
        held = relation.on_delete is OnDelete.RESTRICT
        shown = plan.interface.route(RouteKind.GET, source.name)
        if not held and (not every or shown is None or shown.scope(remover) is not Scope.ALL):
            continue
        gone = "404" if relation.on_delete is OnDelete.CASCADE else "200"
        yield function(
            f"test_{source.plural}_by_{relation.name}_{ENDS[relation.on_delete]}(api: Api, rows: Rows)",
            DELETED[relation.on_delete],
            f"caller = api.sign_in({quoted(remover)})",
            f"row = {row}",
            _kept(makes_row(source), f"{relation.name}_id=row")
            if held
            else f"other = {_kept(makes_row(source), f'{relation.name}_id=row')}",
            'answer = caller.delete(f"{ROUTE}/{row}")',
            f"assert {quoted(source.plural)} in refused(answer, 409)"
            if held
            else "assert answer.status_code == 204, answer.text",
            "" if held else f'assert caller.get(f"/api/{source.plural}/{{other}}").status_code == {gone}',
        )


ENDS = {OnDelete.RESTRICT: "hold_a_row", OnDelete.CASCADE: "go_with_a_row", OnDelete.SET_NULL: "outlive_a_row"}
DELETED = {
    OnDelete.RESTRICT: "A row that others need is not deleted, and the answer says which they are.",
    OnDelete.CASCADE: "What belongs to a row is deleted with it.",
    OnDelete.SET_NULL: "What refers to a row is there without it.",
}


def _refused(plan: Plan, entity: Entity) -> Iterator[tuple[str, str]]:
    for each in created(plan.spec, entity).properties:
        if each.field is not None:
            yield from ((each.name, value) for value in refused(each.field))
        elif each.shape is Shape.KEY:
            yield each.name, NOWHERE
            if not each.nullable:
                yield each.name, "None"
        else:
            yield each.name, f"[{NOWHERE}]"
    mine = owner_relation(plan.spec, entity)
    for name in ("id", "created_at", *(["role"] if entity.account else []), *([f"{mine.name}_id"] if mine else [])):
        yield name, "1"


def _unique(plan: Plan, entity: Entity, signed: str) -> Iterator[list[str]]:
    names = [each.name for each in entity.fields if each.unique and each.type is not FieldType.SECRET]
    if names:
        yield function(
            "test_what_only_one_row_can_have(api: Api, rows: Rows, name: str)",
            "A value that another row has is a conflict, and the answer names its field.",
            signed,
            f"sent = {body(entity)}",
            f"{_kept(makes_row(entity), '**{name: sent[name]}')}",
            "assert name in refused(caller.post(ROUTE, sent), 409)",
            before=cases(("name",), [(quoted(each),) for each in names]),
        )
    mine = owner_relation(plan.spec, entity)
    for group in together_names(plan, entity):
        owned = mine is not None and any(mine.name in each for each in entity.together if len(each) > len(group))
        row = makes_row(entity, "caller.id") if owned else makes_row(entity)
        same = ", ".join(f"{each}=sent[{quoted(each)}]" for each in group)
        if not _written_by_all(plan, entity, group):
            continue
        yield function(
            f"test_{'_and_'.join(group)}_are_unique(api: Api, rows: Rows)",
            "Another row with the same is a conflict.",
            signed,
            f"sent = {body(entity)}",
            _kept(row, same),
            "assert refused(caller.post(ROUTE, sent), 409)",
        )


def _written_by_all(plan: Plan, entity: Entity, group: tuple[str, ...]) -> bool:
    """Whether a body that creates a row says all of a group: optional relations are left out of it."""
    optional = {f"{each.name}_id" for each in plan.spec.outgoing(entity.name) if each.optional}
    return bool(group) and not optional & set(group)


def _kept(call: str, arguments: str) -> str:
    return f"{call[:-1]}{'' if call.endswith('()') else ', '}{arguments})"


def _assigned(plan: Plan, entity: Entity, signed: str) -> Iterator[list[str]]:
    many = [each for each in plan.spec.outgoing(entity.name) if each.kind is RelationKind.MANY_TO_MANY]
    for relation in many:
        target = plan.spec.entity(relation.target)
        assert target is not None
        yield function(
            f"test_{relation.name}_are_kept(api: Api, rows: Rows)",
            "A row refers to as many others as were named.",
            signed,
            f"others = [{makes_row(target)}, {makes_row(target)}]",
            f"answer = caller.post(ROUTE, {{**{body(entity)}, {quoted(written_name(relation))}: others}})",
            "assert answer.status_code == 201, answer.text",
            f'assert sorted(each["id"] for each in answer.json()[{quoted(relation.name)}]) == sorted(others)',
        )


def _comes_back(each: Property) -> bool:
    """Whether what the factory sends of a property can be compared with what is shown."""
    if each.shape is Shape.VALUE:
        return each.type not in {FieldType.SECRET, FieldType.DECIMAL, FieldType.FILE}
    return each.shape is Shape.KEY and each.required


def _shown(each: Property) -> str:
    if each.shape is Shape.KEY:
        return f'shown[{quoted(each.name.removesuffix("_id"))}]["id"] == sent[{quoted(each.name)}]'
    return f"shown[{quoted(each.name)}] == sent[{quoted(each.name)}]"
