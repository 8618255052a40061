"""Speaks to Postgres through asyncpg: connects, disconnects, and makes a Problem of what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, Protocol, cast

import asyncpg

from headwater.errors import Code, Problem, problem
from headwater.store.limits import Limits

BUSY = "STORE_BUSY"
DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)

# What an error means, by the beginning of its SQLSTATE: code, reason, what the database does, remedy. The first that
# fits counts. Errors of the network have none, and are taken for 08.
UNREACHABLE = (
    *(Code.UNAVAILABLE, "STORE_UNREACHABLE", "cannot be reached"),
    "Start Postgres, or correct the host and the port in the URL of the store.",
)
UNWRITABLE = (
    *(Code.UNAVAILABLE, "STORE_UNWRITABLE", "cannot be written"),
    "Make room on the disk of Postgres, and name its primary, not a copy.",
)
DENIED = (
    *(Code.FAILED_PRECONDITION, "STORE_ACCESS_DENIED", "refuses this user"),
    "Correct user and password in the URL, and grant the user CREATE on the schema.",
)
MISSING = (
    *(Code.FAILED_PRECONDITION, "STORE_DATABASE_MISSING", "does not exist"),
    "Create it with createdb, or correct the name in the URL of the store.",
)
BLOCKED = (Code.UNAVAILABLE, BUSY, "gave way to another transaction", "Try again.")
FAILED = (Code.INTERNAL, "STORE_FAILED", "refused a statement", "Report this with the log of the server.")
MEANINGS = (
    *(("25006", UNWRITABLE), ("53100", UNWRITABLE), ("58", UNWRITABLE)),
    *(("42501", DENIED), ("28", DENIED), ("3D", MISSING), ("40", BLOCKED)),
    *(("08", UNREACHABLE), ("53", UNREACHABLE), ("57", UNREACHABLE)),
)


class Connection(Protocol):
    """What is used of a connection of asyncpg, which has no type stubs."""

    async def fetch(self, query: str, *values: object) -> list[Sequence[Any]]: ...
    async def execute(self, query: str, *values: object) -> str: ...
    async def executemany(self, command: str, args: Sequence[Sequence[object]]) -> None: ...
    def transaction(self) -> AbstractAsyncContextManager[object]: ...


class Pool(Protocol):
    """What is used of a pool of asyncpg. A connection that was lost is replaced when it is next asked for."""

    def acquire(self, *, timeout: float) -> AbstractAsyncContextManager[Connection]: ...
    async def close(self) -> None: ...
    def terminate(self) -> None: ...


async def connect(url: str, *, shown: str, holder: str, limits: Limits) -> Pool:
    """Opens the pool, and a first connection."""
    try:
        with translating(shown):
            create_pool = cast("Any", asyncpg).create_pool
            return await create_pool(
                url,
                min_size=1,
                max_size=limits.connections,
                timeout=limits.connect_timeout,
                command_timeout=limits.statement_timeout,
                reset=_reset,
                server_settings={"application_name": f"headwater {holder}".replace("\0", "")},
            )
    except ValueError:
        # The message of the error may quote any part of the URL, and so of the password.
        raise problem(
            Code.INVALID_ARGUMENT,
            "STORE_URL_INVALID",
            f"The URL of the store cannot be used: {shown} (user, password and options are not shown).",
            "Write postgresql://user:password@host:port/database, with %40 for @ and %2F for / in the password.",
            database=shown,
        ) from None


async def disconnect(pool: Pool, limits: Limits) -> None:
    """Waits for what is under way, then closes the connections."""
    try:
        await asyncio.wait_for(pool.close(), limits.connect_timeout)
    except DRIVER_ERRORS:  # the server is gone, or silent (TimeoutError): nobody to take leave of
        pool.terminate()


@contextmanager
def translating(shown: str) -> Generator[None]:
    """Makes a Problem of an error of the driver, the server or the network."""
    try:
        yield
    except DRIVER_ERRORS as error:
        if isinstance(error, ValueError):  # asyncpg's for arguments, as in the URL: the caller knows which
            raise
        raise _translated(error, shown) from error


async def _reset(_connection: object) -> None:
    """Spares the round trip that would undo settings of the session: there are none."""


def _translated(error: Exception, shown: str) -> Problem:
    state = str(getattr(error, "sqlstate", None) or "08")
    code, reason, what, remedy = next((kind for start, kind in MEANINGS if state.startswith(start)), FAILED)
    said = str(error) or "no answer in time"
    return problem(code, reason, f"The database {shown} {what}: {said}.", remedy, database=shown)
