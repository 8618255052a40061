"""Bounds what a store may take: time, connections, and how much one transaction deletes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of a store. Times are seconds."""

    # Prune works in transactions of this many events or runs, so that an append waits for one of them at most.
    prune_chunk: int = 2_000
    # SQLite
    readers: int = 2
    busy_timeout: float = 5.0
    # Of each connection. What is appended is hot at one edge of the file, and the system caches the rest.
    cache_kb: int = 512
    # The log is copied into the database after this many pages (4 KiB each); above the size it is cut off again.
    checkpoint_pages: int = 1_000
    log_bytes: int = 16 * 1024 * 1024
    # Free pages are given back to the file system this many at a time.
    vacuum_pages: int = 500
    # Postgres
    connections: int = 8
    connect_timeout: float = 10.0
    statement_timeout: float = 30.0
    # How often a transaction is tried again that lost to another one (deadlock, serialization).
    conflict_retries: int = 3


DEFAULTS = Limits()
