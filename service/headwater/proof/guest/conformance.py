"""Makes requests up from the OpenAPI document and looks that each answer is one that the document describes.

Usage: conformance.py EXAMPLES. Beside it lies `conformance.json`: `statements` that fill the database, and the account
that calls (0: nobody). Exit code 77: schemathesis is not installed here.
"""

from __future__ import annotations

import importlib
import json
import os
import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jwt
from alembic import command
from alembic.config import Config

try:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis.errors import FlakyStrategyDefinition, Unsatisfiable

    library: Any = importlib.import_module("schemathesis")
    checks: Any = importlib.import_module("schemathesis.specs.openapi.checks")
except ImportError:
    sys.exit(77)

Headers = Mapping[str, str]
DATABASE = "proof-conformance.db"
CHECKS: Sequence[Any] = (
    library.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
)


def main(examples: int) -> None:
    """Runs the examples of every operation, then sequences of operations that follow one another."""
    asked = json.loads(Path(__file__).with_name("conformance.json").read_text())
    Path(DATABASE).unlink(missing_ok=True)
    os.environ |= {"APP_DATABASE_URL": f"sqlite:///./{DATABASE}", "APP_RATE_LIMIT": "0"}
    command.upgrade(Config("alembic.ini"), "head")
    refill(asked["statements"])
    headers = {"Authorization": f"Bearer {token(asked['account'])}"} if asked["account"] else {}
    schema: Any = library.openapi.from_asgi("/api/openapi.json", application())
    usual = settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        phases=(Phase.explicit, Phase.generate),
    )
    operations: list[Any] = [each.ok() for each in schema.get_all_operations()]
    operations.sort(key=lambda each: str(each.method) == "delete")
    faults = 0
    for operation in operations:
        for mode in (library.GenerationMode.POSITIVE, library.GenerationMode.NEGATIVE):
            faults += not tried(operation, mode, headers, usual)
    faults += not followed(schema, headers, usual, asked["statements"])
    say(f"{len(operations)} operations, {examples} examples of each kind, and sequences of them: {faults} at fault.")
    sys.exit(bool(faults))


def tried(operation: Any, mode: Any, headers: Headers, usual: Any) -> bool:
    """Whether every made up request of an operation is answered as described."""

    @usual
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=list(CHECKS))

    try:
        one()
    except Unsatisfiable:
        # What takes nothing cannot be asked wrongly; what cannot be asked rightly is another matter.
        return mode is library.GenerationMode.NEGATIVE
    except BaseException as error:  # a group of failures is no Exception everywhere
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        say(f"{operation.method.upper()} {operation.path} ({mode.value}): {told(error)}")
        return False
    return True


def followed(schema: Any, headers: Headers, usual: Any, statements: Sequence[str]) -> bool:
    """Whether sequences of requests, which take from answers what the next needs, are answered as described."""
    machine: Any = schema.as_state_machine()

    class Workflow(machine):  # pyright: ignore[reportUntypedBaseClass] — made from the document
        def setup(self) -> None:
            refill(statements)

        def get_call_kwargs(self, _case: Any) -> dict[str, Any]:
            return {"headers": headers}

        def validate_response(self, response: Any, case: Any, **_more: Any) -> None:
            case.validate_response(response, checks=list(CHECKS), headers=headers)

    try:
        Workflow.run(settings=settings(usual, stateful_step_count=6))
    except FlakyStrategyDefinition:
        # Moments and random names differ from one run to the next, and with them what is drawn from answers.
        return True
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        say(f"a sequence: {told(error)}")
        return False
    return True


def refill(statements: Sequence[str]) -> None:
    """Puts the database back to its first rows, numbers included."""
    with sqlite3.connect(DATABASE) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table != "alembic_version":
                connection.execute(f'DELETE FROM "{table}"')  # noqa: S608 — names of the database's own
        for statement in statements:
            connection.execute(statement)


def application() -> Any:
    """Returns the application; it reads the environment, which has to be set first."""
    return importlib.import_module("app.main").create_app()


def say(line: str) -> None:
    """Tells at once, for this program may be ended before its time."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def told(error: BaseException) -> str:
    """Returns what went wrong, of each of a group."""
    inner = getattr(error, "exceptions", ())
    if inner:
        return "; ".join(told(each) for each in inner)
    return f"{type(error).__name__}: {str(error)[:1500]}"


def token(account: int) -> str:
    """Returns a token of an account, for the time of the proof."""
    claims = {"sub": str(account), "iat": int(time.time()), "exp": int(time.time()) + 3600}
    return jwt.encode(claims, os.environ["APP_SECRET_KEY"], algorithm="HS256")


if __name__ == "__main__":
    main(int(sys.argv[1]))
