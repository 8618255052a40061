"""GetRun: the state of a run."""

from __future__ import annotations

from google.rpc import status_pb2

from headwater.rpc import Desk
from headwater.store import RunRow
from headwater.v1 import runs_pb2


async def get_run(request: runs_pb2.GetRunRequest, owner: str, desk: Desk) -> runs_pb2.Run:
    """Returns the state of a run."""
    return run_message(await desk.runs.find(request.run, owner))


def run_message(row: RunRow) -> runs_pb2.Run:
    """Puts a run on the wire."""
    message = runs_pb2.Run(
        run=row.run,
        method=row.method,
        state=runs_pb2.RunState.Name(int(row.state)),
        last_sequence=row.last_sequence,
        first_sequence=row.first_sequence,
        attempt=row.epoch,
    )
    message.create_time.FromMilliseconds(round(row.created * 1000))
    if row.state.ended:
        message.end_time.FromMilliseconds(round(row.ended * 1000))
    if row.error:
        message.error.CopyFrom(status_pb2.Status.FromString(row.error))
    return message
