"""Takes a database up, compares it with the models, takes it down, looks that nothing is left, and takes it up again.

Usage: migrations.py URL, in the folder of the backend.
"""

from __future__ import annotations

import os
import sys

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect


def main(url: str) -> None:
    """Runs the migrations both ways."""
    os.environ["APP_DATABASE_URL"] = url
    config = Config("alembic.ini")
    command.upgrade(config, "heads")
    say(f"up: {len(_tables(url))} tables")
    command.check(config)
    command.downgrade(config, "base")
    left = _tables(url)
    if left:
        raise SystemExit(f"down: these tables are left: {', '.join(sorted(left))}")
    say("down: no table is left")
    command.upgrade(config, "heads")
    say(f"up again: {len(_tables(url))} tables")


def say(line: str) -> None:
    """Tells at once, so that it stands before what Alembic says next."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _tables(url: str) -> set[str]:
    engine = create_engine(url)
    try:
        return {*inspect(engine).get_table_names()} - {"alembic_version"}
    finally:
        engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1])
