"""Writes all migrations of an application, one after the other, so that those that were rendered stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from headwater.synthesis.project.database.migrations import Migration, initial
from headwater.synthesis.project.database.stepping import step
from headwater.synthesis.project.files import Plan


def chain(plan: Plan) -> Iterator[Migration]:
    """Yields the migration that makes the first schema, and one for each that differs from the one before it."""
    schemas = (*plan.earlier, plan.schema)
    last = initial(schemas[0])
    yield last
    for before, after in pairwise(schemas):
        further = step(before, after, last)
        if further is not None:
            yield further
            last = further
