"""Writes the tests of who may do what with the rows of an entity: a case for each cell of the permission matrix."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.payloads import Property, Shape, claim_relation, owner_relation, updated
from headwater.synthesis.project.python import quoted
from headwater.synthesis.project.spec import Action, Entity, FieldType, RelationKind, Scope
from headwater.synthesis.project.suite.cells import Cell, best, cells, is_owned
from headwater.synthesis.project.suite.cells import RouteKind as Kind
from headwater.synthesis.project.suite.code import cases, function, literal
from headwater.synthesis.project.suite.rows import makes_body, makes_row, one
from headwater.synthesis.project.suite.values import valid


def access(plan: Plan, entity: Entity) -> Iterator[list[str]]:
    """Yields the tests of the matrix, and of rows that belong to somebody."""
    made = list(cells(plan, entity, Action.CREATE))
    if made:
        yield function(
            "test_who_may_create(api: Api, rows: Rows, role: str, status: int)",
            "A role creates rows exactly if the matrix says so.",
            "caller = api.sign_in(role)",
            f"answer = caller.post(ROUTE, {body(entity)})",
            "assert answer.status_code == status, answer.text",
            before=cases(("role", "status"), [(quoted(each.role), str(each.status)) for each in made]),
        )
    for action, verb, call in (
        (Action.READ, "read", 'caller.get(f"{ROUTE}/{row}")'),
        (Action.UPDATE, "update", f'caller.patch(f"{{ROUTE}}/{{row}}", {change(plan, entity)})'),
        (Action.DELETE, "delete", 'caller.delete(f"{ROUTE}/{row}")'),
    ):
        found = list(cells(plan, entity, action))
        if found:
            yield _on_rows(entity, verb, call, found)
    yield from _own_only(plan, entity)
    yield from _owner(plan, entity)
    yield from _absent(plan, entity)


def body(entity: Entity) -> str:
    """Returns the call for what creates a row that is the caller's."""
    return makes_body(entity, "caller.id")


def own_row(entity: Entity) -> str:
    """Returns the expression for a row of the caller's, where rows have owners."""
    return "caller.id" if entity.account else makes_row(entity, "caller.id")


def change(plan: Plan, entity: Entity) -> str:
    """Returns the expression for a change that anybody may make who may change the row."""
    plain = _changed(plan, entity)
    return "{}" if plain is None else f"{{{quoted(plain.name)}: {makes_body(entity, '')}[{quoted(plain.name)}]}}"


def changes(plan: Plan, entity: Entity) -> bool:
    """Whether that change leaves the row with another value than it had."""
    plain = _changed(plan, entity)
    return plain is not None and _differs(plain)


def _changed(plan: Plan, entity: Entity) -> Property | None:
    """Returns the property that is changed: one whose values differ from row to row, if there is any."""
    plain = [each for each in updated(plan.spec, entity).properties if _plain(each)]
    return next(filter(_differs, plain), next(iter(plain), None))


def _plain(each: Property) -> bool:
    return each.shape is Shape.VALUE and each.type not in {FieldType.SECRET, FieldType.FILE}


def _differs(each: Property) -> bool:
    """Whether no two rows of a test have the same value: where there are few, they come back."""
    written = valid(each.field) if each.field else ""
    return "number" in written and "%" not in written


def _on_rows(entity: Entity, verb: str, call: str, found: list[Cell]) -> list[str]:
    owned = is_owned(entity)
    names = ("role", "own", "status") if owned else ("role", "status")
    table = [(quoted(each.role), *([literal(each.own)] if owned else []), str(each.status)) for each in found]
    row = f"{own_row(entity)} if own else {makes_row(entity)}" if owned else makes_row(entity)
    return function(
        f"test_who_may_{verb}(api: Api, rows: Rows, role: str,{' own: bool,' if owned else ''} status: int)",
        f"A role may {verb} {'its own rows and those of others' if owned else 'rows'} exactly if the matrix says so.",
        "caller = api.sign_in(role)",
        f"row = {row}",
        f"answer = {call}",
        "assert answer.status_code == status, answer.text",
        before=cases(names, table),
    )


def _own_only(plan: Plan, entity: Entity) -> Iterator[list[str]]:
    """Yields the test that lists hold nothing of strangers where the matrix says OWN."""
    route = plan.interface.route(Kind.LIST, entity.name)
    narrow = [role for role, scope in route.access if scope is Scope.OWN] if route else []
    if narrow:
        yield function(
            "test_lists_hold_own_rows_only(api: Api, rows: Rows, role: str)",
            "Rows of others are not in the list of somebody who may see only his own.",
            "caller = api.sign_in(role)",
            f"own, _ = {own_row(entity)}, {makes_row(entity)}",
            "page = caller.get(ROUTE).json()",
            'assert [each["id"] for each in page["items"]] == [own]',
            'assert page["total"] == 1',
            before=cases(("role",), [(quoted(each),) for each in narrow]),
        )


def _owner(plan: Plan, entity: Entity) -> Iterator[list[str]]:
    """Yields the tests that a row belongs to who creates it, or by way of another row that must be the caller's."""
    route = plan.interface.route(Kind.CREATE, entity.name)
    mine = owner_relation(plan.spec, entity)
    claim = claim_relation(plan.spec, entity)
    creator = _claimant(plan, entity, optional=claim is not None or (mine is not None and mine.optional))
    mine = mine or claim
    if mine is not None and creator is not None:
        yield function(
            "test_rows_belong_to_who_creates_them(api: Api, rows: Rows)",
            "The owner comes from the token.",
            f"caller = api.sign_in({quoted(creator)})",
            f"answer = caller.post(ROUTE, {body(entity)})",
            f'assert answer.json()[{quoted(mine.name)}]["id"] == caller.id',
        )
    narrow = [role for role, scope in route.access if scope is Scope.OWN] if route else []
    yield from _claimed(plan, entity)
    if len(entity.owner) > 1 and narrow and not entity.account:
        yield function(
            "test_nobody_creates_rows_of_others(api: Api, rows: Rows, role: str)",
            "What a new row belongs to must be the caller's own.",
            "caller = api.sign_in(role)",
            f"answer = caller.post(ROUTE, rows.{one(entity)}_body())",
            "assert answer.status_code == 403, answer.text",
            before=cases(("role",), [(quoted(each),) for each in narrow]),
        )


def _claimed(plan: Plan, entity: Entity) -> Iterator[list[str]]:
    """Yields the test of whom the one row that stands for an account is given to, and by whom."""
    claim = claim_relation(plan.spec, entity)
    account = plan.spec.account
    route = plan.interface.route(Kind.CREATE, entity.name)
    if claim is None or account is None or route is None:
        return
    status = {Scope.OWN: 403, Scope.ALL: 201}
    made = [(quoted(role), str(status[scope])) for role, scope in route.access[1:] if scope is not Scope.NONE]
    if made:
        name = quoted(f"{claim.name}_id")
        yield function(
            "test_who_may_say_whose_a_new_row_is(api: Api, rows: Rows, role: str, status: int)",
            "A row is given to somebody by who may write all rows, and by nobody else.",
            "caller = api.sign_in(role)",
            f"somebody = {makes_row(account)}",
            f"answer = caller.post(ROUTE, {{**{body(entity)}, {name}: somebody}})",
            "assert answer.status_code == status, answer.text",
            f'assert status == 403 or answer.json()[{quoted(claim.name)}]["id"] == somebody',
            before=cases(("role", "status"), made),
        )


def _claimant(plan: Plan, entity: Entity, *, optional: bool) -> str | None:
    """Returns a role that owns what it creates; where owners are optional, it may create nothing but its own."""
    route = plan.interface.route(Kind.CREATE, entity.name)
    members = route.access[1:] if route else ()
    able = [role for role, scope in members if scope is Scope.OWN or (scope is Scope.ALL and not optional)]
    return able[-1] if able else None


def _absent(plan: Plan, entity: Entity) -> Iterator[list[str]]:
    reader = best(plan, entity, Kind.GET)
    if reader is not None:
        yield function(
            "test_a_row_that_does_not_exist_is_not_found(api: Api)",
            "A number that no row has is answered by 404, as a problem.",
            f'answer = api.sign_in({quoted(reader)}).get(f"{{ROUTE}}/999999999")',
            "assert answer.status_code == 404",
            'assert answer.headers["content-type"] == "application/problem+json"',
        )


def together_names(plan: Plan, entity: Entity) -> Iterator[tuple[str, ...]]:
    """Yields the groups that are unique in combination, as a request calls them; the owner is not among them."""
    mine = owner_relation(plan.spec, entity)
    relations = {each.name: each for each in plan.spec.outgoing(entity.name)}
    groups = [(each.name,) for each in relations.values() if each.kind is RelationKind.ONE_TO_ONE]
    for group in dict.fromkeys([*groups, *entity.together]):
        if mine is None or group != (mine.name,):
            yield tuple(f"{each}_id" if each in relations else each for each in group if each != (mine and mine.name))
