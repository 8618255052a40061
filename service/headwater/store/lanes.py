"""Runs what is done on one SQLite connection in a thread of its own, one thing after the other."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from headwater.errors import Code, Problem, problem

T = TypeVar("T")


class Lane:
    """A connection and its thread. The connection is made by the first thing to do."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], name: str) -> None:
        self._connect = connect
        self._name = name
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="headwater-sqlite")
        self._closed = False

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Does the work after what was given before, and returns what it returns."""
        if self._closed:
            raise problem(Code.UNAVAILABLE, "STORE_CLOSED", "The store was closed.", "Try again after a restart.")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, work)
        except sqlite3.Error as error:
            raise _translated(error, self._name) from error

    async def close(self) -> None:
        """Finishes what was given before, then closes the connection and ends the thread."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown(wait=False)

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._connection is None:
            self._connection = self._connect()
        return work(self._connection)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _translated(error: sqlite3.Error, name: str) -> Problem:
    """Makes a Problem of an error of SQLite. The lower byte of its code says of which kind it is."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN:
            code, reason, what = Code.UNAVAILABLE, "STORE_UNWRITABLE", "cannot be written"
            remedy = "Make room on the disk, and let the server write the file and its folder."
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            code, reason, what = Code.UNAVAILABLE, "STORE_BUSY", "is held by another program"
            remedy = "Close the program that has the file open."
        case sqlite3.SQLITE_NOTADB:
            code, reason, what = Code.FAILED_PRECONDITION, "STORE_NOT_A_DATABASE", "is not a SQLite database"
            remedy = "Name another file; it is created if it is not there."
        case sqlite3.SQLITE_CORRUPT:
            code, reason, what = Code.DATA_LOSS, "STORE_DAMAGED", "is damaged"
            remedy = "Move the file away, or restore it from a backup."
        case _:
            code, reason, what = Code.INTERNAL, "STORE_FAILED", "refused a statement"
            remedy = "Report this with the log of the server."
    return problem(code, reason, f"The database {name} {what}: {error}.", remedy, database=name)
