"""Fills an application with rows whose owners are known: accounts of each role, and rows of each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from headwater.synthesis.project import seeds
from headwater.synthesis.project.ddl import Dialect
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.seeds import Row
from headwater.synthesis.project.spec import Entity, Scalar, Spec, Standing

EACH_ROLE = 2
"""Accounts of each role, so that everybody is a stranger to somebody of his own role."""
LEAST = 3
"""Rows of each entity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Rows that a database is filled with, and whose they are."""

    plan: Plan
    rows: tuple[Row, ...]

    @property
    def spec(self) -> Spec:
        """The spec of the application."""
        return self.plan.spec

    def of(self, entity: Entity) -> list[Mapping[str, Scalar | None]]:
        """Returns the rows of an entity, as columns and values."""
        return [dict(each.values) for each in self.rows if each.table == entity.plural]

    def owner(self, entity: Entity, row: Mapping[str, Scalar | None]) -> Scalar | None:
        """Returns the account at the end of a row's path."""
        if entity.account:
            return row["id"]
        at, found = entity, row
        for step in entity.owner:
            relation = next(each for each in self.spec.outgoing(at.name) if each.name == step)
            target, number = self.spec.entity(relation.target), found[f"{step}_id"]
            assert target is not None
            if number is None:
                return None
            at, found = target, next(each for each in self.of(target) if each["id"] == number)
        return found["id"] if at.account else None

    def statements(self) -> tuple[str, ...]:
        """Returns the SQL that fills a database."""
        return seeds.statements(self.rows, Dialect.SQLITE)


def world(plan: Plan) -> World:
    """Returns rows with two accounts of each role."""
    members = sum(each.standing is not Standing.ANONYMOUS for each in plan.spec.roles)
    return World(plan=plan, rows=seeds.rows(plan.spec, plan.schema, count=max(LEAST, EACH_ROLE * members)))


def callers(known: World) -> Iterator[tuple[str, int]]:
    """Yields an account of each role; 0 for the one that nobody signs in for."""
    account = known.spec.account
    for role in known.spec.roles:
        if role.standing is Standing.ANONYMOUS:
            yield role.name, 0
        elif account is not None:
            yield role.name, next(int(str(each["id"])) for each in known.of(account) if each["role"] == role.name)


def strongest(known: World) -> int:
    """Returns the account that may do the most; 0 where nobody signs in."""
    standing = {each.name: each.standing for each in known.spec.roles}
    ranked = sorted(callers(known), key=lambda each: RANKS.index(standing[each[0]]))
    return ranked[-1][1]


RANKS = (Standing.ANONYMOUS, Standing.MEMBER, Standing.ADMIN)
