"""Lists the steps of the schema. A step that was released is never changed; a change is a new step at the end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of the schema: its number, what it brings, and its statements, made together or not at all."""

    number: int
    title: str
    statements: tuple[str, ...]


STEPS = (
    Step(
        number=1,
        title="runs, requests, events",
        statements=(
            # The row of a run is rewritten with every append, so it holds only what is small. Column for column
            # RunRow, but for the request.
            """
            CREATE TABLE headwater_runs (
                run {text} PRIMARY KEY,
                method {text} NOT NULL,
                owner {text} NOT NULL,
                request_hash {text} NOT NULL,
                idempotency_key {text} NOT NULL,
                state {integer} NOT NULL,
                epoch {integer} NOT NULL,
                holder {text} NOT NULL,
                created {real} NOT NULL,
                ended {real} NOT NULL,
                lease_until {real} NOT NULL,
                first_sequence {integer} NOT NULL,
                last_sequence {integer} NOT NULL,
                error {blob} NOT NULL
            ) {hot}
            """,
            # A request may be as large as somebody's source code, and never changes.
            "CREATE TABLE headwater_requests (run {text} PRIMARY KEY, request {blob} NOT NULL) {clustered}",
            # The key is also the order in which events are read and deleted. No foreign key: an append has just
            # updated the run, and would pay for the check with every event.
            """
            CREATE TABLE headwater_events (
                run {text} NOT NULL,
                sequence {integer} NOT NULL,
                kind {text} NOT NULL,
                payload {blob} NOT NULL,
                PRIMARY KEY (run, sequence)
            ) {clustered}
            """,
            # The promise behind idempotency keys; most runs come without one and are left out.
            """
            CREATE UNIQUE INDEX headwater_runs_by_key ON headwater_runs (owner, idempotency_key)
            WHERE idempotency_key <> ''
            """,
        ),
    ),
    Step(
        number=2,
        title="ways to find runs",
        # None of them holds lease_until or last_sequence, which change all the time. 3 is the first state that ended.
        statements=(
            # An owner's runs, newest first.
            "CREATE INDEX headwater_runs_by_owner ON headwater_runs (owner, run)",
            # The few that go on, in the order of lists: leases to renew, orphans to adopt.
            "CREATE INDEX headwater_runs_open ON headwater_runs (run) WHERE state < 3",
            # The many that ended, oldest first, to prune.
            "CREATE INDEX headwater_runs_ended ON headwater_runs (ended, run) WHERE state >= 3",
        ),
    ),
)
