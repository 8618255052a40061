"""Renders the database: migrations, first data, the schema as SQL and as a drawing."""

from __future__ import annotations

import json
from collections.abc import Iterator

from headwater.synthesis.project.backend.source import noticed, source
from headwater.synthesis.project.database.chain import chain
from headwater.synthesis.project.ddl import Dialect, script, up
from headwater.synthesis.project.diagram import mermaid, svg
from headwater.synthesis.project.files import File, Plan
from headwater.synthesis.project.seeds import rows
from headwater.synthesis.project.traits import traits


def render(plan: Plan) -> Iterator[File]:
    """Yields the files of the database."""
    yield File(path="docs/er.mmd", text=mermaid(plan.schema))
    yield File(path="docs/er.svg", text=svg(plan.schema, plan.spec.title))
    for dialect in Dialect:
        yield File(path=f"docs/schema.{dialect}.sql", text=script(up(plan.schema, dialect)))
    folder = "backend/migrations"
    yield File(path=f"{folder}/env.py", text=noticed(source("migrations/env.py", traits(plan))))
    yield File(path=f"{folder}/script.py.mako", text=TEMPLATE)
    yield from (File(path=f"{folder}/versions/{each.file}.py", text=each.text) for each in chain(plan))
    yield File(path=f"{folder}/seed.json", text=_seed(plan))


TEMPLATE = '''"""${message}."""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Brings the database here."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Takes it back."""
    ${downgrades if downgrades else "pass"}
'''
"""What `alembic revision` fills in."""


def _seed(plan: Plan) -> str:
    """Returns the first data, a row on each line."""
    found = rows(plan.spec, plan.schema, seed=plan.options.seed)
    lines = [json.dumps({"table": each.table, "values": dict(each.values)}, ensure_ascii=False) for each in found]
    return "[\n" + ",\n".join(f"  {each}" for each in lines) + "\n]\n"
