"""Writes the tests of what an application does beyond keeping rows, as far as it was asked for."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import Route, RouteKind
from headwater.synthesis.project.payloads import owner_relation, updated, written_name
from headwater.synthesis.project.python import quoted
from headwater.synthesis.project.spec import Entity, FeatureKind, RelationKind, Scope
from headwater.synthesis.project.suite.access import change, changes, own_row
from headwater.synthesis.project.suite.cells import UNKNOWN, best, is_owned
from headwater.synthesis.project.suite.code import cases, function, module
from headwater.synthesis.project.suite.rows import makes_row
from headwater.synthesis.project.traits import notice

PNG = r'b"\x89PNG\r\n\x1a\n and what follows"'


def beside(plan: Plan, entity: Entity) -> Iterator[list[str]]:
    """Yields the tests of what stands beside the rows of an entity: choices, exports and histories."""
    row = own_row(entity) if is_owned(entity) else makes_row(entity)
    options = plan.interface.route(RouteKind.OPTIONS, entity.name)
    if options is not None:
        yield _allowed(options, "choose", f'caller.get("{options.path}")')
        yield function(
            "test_choices_are_named(api: Api, rows: Rows)",
            "A form offers rows by what they are called.",
            f"caller = api.sign_in({quoted(_able(options))})",
            f"row = {row}",
            f'found = caller.get("{options.path}", limit=100).json()',
            'assert row in [each["id"] for each in found]',
            'assert all(each.keys() == {"id", "label"} for each in found)',
        )
    export = plan.interface.route(RouteKind.EXPORT, entity.name)
    if export is not None:
        yield _allowed(export, "export", f'caller.get("{export.path}")')
        yield function(
            "test_rows_are_exported(api: Api, rows: Rows)",
            "The file has a line for each row, and one with the names.",
            f"caller = api.sign_in({quoted(best(plan, entity, RouteKind.EXPORT) or '')})",
            f"row = {row}",
            f'answer = caller.get("{export.path}")',
            'assert answer.headers["content-type"].startswith("text/csv")',
            "names, *lines = answer.text.splitlines()",
            'assert names.split(",")[0] == "id"',
            'assert any(each.startswith(f"{row},") for each in lines)',
        )
    yield from _history(plan, entity, row)


def _history(plan: Plan, entity: Entity, row: str) -> Iterator[list[str]]:
    history = plan.interface.route(RouteKind.HISTORY, entity.name)
    able = best(plan, entity, RouteKind.UPDATE)
    if history is None or able is None:
        return
    path = 'f"{ROUTE}/{row}/history"'
    yield _allowed(
        history, "see_the_history", f'caller.get(f"{{ROUTE}}/{{{makes_row(entity)}}}/history")', all_only=True
    )
    yield function(
        "test_changes_are_kept(api: Api, rows: Rows)",
        "The history tells who changed what.",
        f"caller = api.sign_in({quoted(able)})",
        f"row = {row}",
        f"sent = {change(plan, entity)}",
        'caller.patch(f"{ROUTE}/{row}", sent)',
        f"page = caller.get({path}).json()",
        'latest = page["items"][0]',
        'assert latest["action"] == "update"',
        'assert latest["actor"]["id"] == caller.id' if plan.spec.account else "",
        'assert set(latest["changes"]) == set(sent)' if changes(plan, entity) else "",
    )
    yield from _related(plan, entity, row, able)


def _related(plan: Plan, entity: Entity, row: str, able: str) -> Iterator[list[str]]:
    """Yields the test that a history tells of relations, if there is one that a row can have or not have."""
    written = {each.name for each in updated(plan.spec, entity).properties}
    relation = next(
        (
            each
            for each in plan.spec.outgoing(entity.name)
            if written_name(each) in written and (each.optional or each.kind is RelationKind.MANY_TO_MANY)
        ),
        None,
    )
    target = plan.spec.entity(relation.target) if relation else None
    if relation is None or target is None or target == entity or relation.name in entity.owner[:1]:
        return
    many, name = relation.kind is RelationKind.MANY_TO_MANY, quoted(relation.name)
    sent = f"{{{quoted(written_name(relation))}: {'[other]' if many else 'other'}}}"
    yield function(
        "test_changes_of_relations_are_kept(api: Api, rows: Rows)",
        "The history tells what a row refers to by what that is called.",
        f"caller = api.sign_in({quoted(able)})",
        f"row, other = {row}, {makes_row(target)}",
        f'answer = caller.patch(f"{{ROUTE}}/{{row}}", {sent})',
        "assert answer.status_code == 200, answer.text",
        'latest = caller.get(f"{ROUTE}/{row}/history").json()["items"][0]',
        f"after = answer.json()[{name}]",
        f'assert latest["changes"] == {{{name}: {{"before": {"[]" if many else "None"}, "after": after}}}}',
    )


def _allowed(route: Route, verb: str, call: str, *, all_only: bool = False) -> list[str]:
    """Returns the test of a route that does one thing for all rows that one may see."""
    rows = [
        (quoted(name), str(200 if scope is not Scope.NONE else UNKNOWN if name == route.access[0][0] else 403))
        for name, scope in route.access
        if not (all_only and scope is Scope.OWN)
    ]
    given = "api: Api, rows: Rows" if "rows." in call else "api: Api"
    return function(
        f"test_who_may_{verb}({given}, role: str, status: int)",
        "Exactly those may whom the matrix names.",
        "caller = api.sign_in(role)",
        f"answer = {call}",
        "assert answer.status_code == status, answer.text",
        before=cases(("role", "status"), rows),
    )


def _able(route: Route) -> str:
    able = [name for name, scope in route.access if scope is not Scope.NONE]
    return able[-1]


def feature_tests(plan: Plan) -> str:
    """Returns `tests/generated/test_features.py`; empty where nothing works on several entities."""
    blocks = [*_search(plan), *_dashboard(plan), *_uploads(plan), *_notified(plan)]
    if not blocks:
        return ""
    joined = "\n".join(line for block in blocks for line in block)
    names = [*(["Api"] if "Api" in joined else []), *(["refused"] if "refused(" in joined else [])]
    imports = [
        *(["import pytest", ""] if "@pytest." in joined else []),
        f"from tests.generated.calling import {', '.join(names)}",
    ]
    imports += ["from tests.generated.rows import Rows"] if "Rows" in joined else []
    return module("Checks what works on several kinds of rows at once.", imports, blocks)


def _search(plan: Plan) -> Iterator[list[str]]:
    route, feature = plan.interface.route(RouteKind.SEARCH), plan.spec.feature(FeatureKind.SEARCH)
    if route is None or feature is None:
        return
    yield _allowed(route, "search", f'caller.get("{route.path}", q="anything")')
    yield function(
        "test_a_search_needs_words(api: Api)",
        "Without any there is nothing to look for.",
        f"caller = api.sign_in({quoted(_able(route))})",
        f'assert refused(caller.get("{route.path}")) == ["q"]',
    )
    for name in feature.entities:
        entity = plan.spec.entity(name)
        reader = best(plan, entity, RouteKind.GET) if entity else None
        field = next((each for each in entity.fields if each.searched), None) if entity else None
        if entity is not None and reader is not None and field is not None:
            yield function(
                f"test_{entity.plural}_are_found(api: Api, rows: Rows)",
                "What a row says leads to it.",
                f"caller = api.sign_in({quoted(reader)})",
                f"row = {own_row(entity) if is_owned(entity) else makes_row(entity)}",
                f'words = caller.get(f"/api/{entity.plural}/{{row}}").json()[{quoted(field.name)}]',
                f'found = caller.get("{route.path}", q=words).json()["items"]',
                f'assert ({quoted(entity.name)}, row) in [(each["entity"], each["id"]) for each in found]',
            )


def _dashboard(plan: Plan) -> Iterator[list[str]]:
    route, feature = plan.interface.route(RouteKind.DASHBOARD), plan.spec.feature(FeatureKind.DASHBOARD)
    if route is None or feature is None:
        return
    yield _allowed(route, "see_the_dashboard", f'caller.get("{route.path}")')
    for name in feature.entities:
        entity = plan.spec.entity(name)
        reader = best(plan, entity, RouteKind.LIST) if entity else None
        if entity is not None and reader is not None:
            yield function(
                f"test_{entity.plural}_are_counted(api: Api, rows: Rows)",
                "The dashboard counts what the caller may read.",
                f"caller = api.sign_in({quoted(reader)})",
                own_row(entity) if not entity.account else "",
                f'counts = caller.get("{route.path}").json()["items"]',
                'totals = {each["entity"]: each["total"] for each in counts}',
                f'assert totals[{quoted(entity.name)}] == caller.get("/api/{entity.plural}").json()["total"] >= 1',
            )


def _uploads(plan: Plan) -> Iterator[list[str]]:
    route = plan.interface.route(RouteKind.UPLOAD)
    if route is None:
        return
    yield function(
        "test_who_may_upload(api: Api, role: str, status: int)",
        "Exactly those may who can sign in.",
        "caller = api.sign_in(role)",
        f'answer = caller.upload("{route.path}", "picture.png", {PNG})',
        "assert answer.status_code == status, answer.text",
        before=cases(
            ("role", "status"),
            [(quoted(name), str(201 if scope is not Scope.NONE else UNKNOWN)) for name, scope in route.access],
        ),
    )
    yield function(
        "test_uploads_come_back_to_be_kept(api: Api)",
        "A file comes back as it was, and browsers are told not to open it.",
        f"caller = api.sign_in({quoted(_able(route))})",
        f"content = {PNG}",
        f'reference = caller.upload("{route.path}", "picture.png", content).json()["reference"]',
        f'answer = caller.get(f"{route.path}/{{reference}}")',
        "assert answer.content == content",
        'assert answer.headers["content-disposition"].startswith("attachment")',
        f'assert caller.get("{route.path}/absent.png").status_code == 404',
    )
    yield function(
        "test_what_cannot_be_uploaded(api: Api, name: str, content: bytes)",
        "A file must be of a kind that is known, and be what its name says.",
        f"caller = api.sign_in({quoted(_able(route))})",
        f'assert refused(caller.upload("{route.path}", name, content)) == ["file"]',
        before=cases(
            ("name", "content"),
            [
                ('"program.exe"', 'b"MZ"'), ('"picture.png"', 'b"no picture"'), ('"page.html"', 'b"<script>"'),
                ('"notes.txt"', r'b"a\x00b"'),
            ],
        ),
    )  # fmt: skip


def _notified(plan: Plan) -> Iterator[list[str]]:
    """Yields the test that people are told when somebody else changes what is theirs."""
    told = notice(plan.spec)
    if told is None:
        return
    kept = plan.interface.route(RouteKind.LIST, told[0].name)
    readers = [name for name, scope in kept.access[1:] if scope is not Scope.NONE] if kept else []
    for entity in plan.spec.entities:
        changing = plan.interface.route(RouteKind.UPDATE, entity.name)
        mine = owner_relation(plan.spec, entity)
        if changing is None or mine is None or entity == told[0] or not readers:
            continue
        able = [name for name, scope in changing.access[1:] if scope is Scope.ALL]
        if able:
            yield function(
                f"test_owners_of_{entity.plural}_are_told(api: Api, rows: Rows)",
                "Who owns a row hears of it when somebody else changes it.",
                f"owner, other = api.sign_in({quoted(readers[0])}), api.sign_in({quoted(able[-1])})",
                f"row = {makes_row(entity, 'owner.id')}",
                f'answer = other.patch(f"/api/{entity.plural}/{{row}}", {change(plan, entity)})',
                "assert answer.status_code == 200, answer.text",
                f'told = owner.get("/api/{told[0].plural}").json()["items"]',
                f"assert any(str(row) in each[{quoted(told[2].name)}] for each in told)",
            )
