"""Writes the tests of versions: of two people who change a row, the second one overwrites nothing."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.python import quoted
from headwater.synthesis.project.spec import Entity
from headwater.synthesis.project.suite.access import change, changes, own_row
from headwater.synthesis.project.suite.cells import best, is_owned
from headwater.synthesis.project.suite.code import function
from headwater.synthesis.project.suite.rows import makes_row

UNKNOWN = """'"999"'"""
"""A version that no row of a test has."""


def versions(plan: Plan, entity: Entity) -> Iterator[list[str]]:
    """Yields the tests of an entity that somebody may change or delete."""
    path = f'path = f"{{ROUTE}}/{{{own_row(entity) if is_owned(entity) else makes_row(entity)}}}"'
    changer, remover = best(plan, entity, RouteKind.UPDATE), best(plan, entity, RouteKind.DELETE)
    if changer is not None:
        past = "seen" if changes(plan, entity) else UNKNOWN
        yield function(
            "test_nobody_overwrites_what_somebody_else_has_changed(api: Api, rows: Rows)",
            "A change is done to the version that it is meant for, or to any if it names none.",
            f"caller = api.sign_in({quoted(changer)})",
            path,
            f"sent = {change(plan, entity)}",
            'seen = caller.patch(path, {}).headers["etag"]',
            "assert caller.patch(path, sent, seen).status_code == 200",
            f"assert caller.patch(path, sent, {past}).status_code == 412",
        )
    if remover is not None:
        yield function(
            "test_nobody_deletes_what_somebody_else_has_changed(api: Api, rows: Rows)",
            "A row is deleted in the version that it is meant to be, or in any.",
            f"caller = api.sign_in({quoted(remover)})",
            path,
            f"assert caller.delete(path, {UNKNOWN}).status_code == 412",
            'assert caller.delete(path, "*").status_code == 204',
        )
