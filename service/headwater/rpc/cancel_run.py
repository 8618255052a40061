"""CancelRun: ends a run."""

from __future__ import annotations

from headwater.rpc import Desk
from headwater.rpc.get_run import run_message
from headwater.v1 import runs_pb2


async def cancel_run(request: runs_pb2.CancelRunRequest, owner: str, desk: Desk) -> runs_pb2.Run:
    """Cancels a run and returns its state; a run that has ended stays as it is."""
    return run_message(await desk.runs.cancel(request.run, owner, request.reason))
