"""ListRuns: the caller's runs, newest first, page by page (AIP-158)."""

from __future__ import annotations

import re

from headwater.errors import invalid
from headwater.rpc import Desk
from headwater.rpc.get_run import run_message
from headwater.store import RunQuery, State
from headwater.v1 import runs_pb2

DEFAULT_PAGE = 50
LARGEST_PAGE = 1000


async def list_runs(request: runs_pb2.ListRunsRequest, owner: str, desk: Desk) -> runs_pb2.ListRunsResponse:
    """Lists the caller's runs."""
    size = _page_size(request.page_size)
    query = RunQuery(
        owner=owner,
        state=_state(request.state),
        method=request.method,
        before=_cursor(request.page_token),
        limit=size + 1,
        lean=True,
    )
    rows = await desk.runs.list(query)
    page = rows[:size]
    following = page[-1].run if len(rows) > size else ""
    return runs_pb2.ListRunsResponse(runs=[run_message(row) for row in page], next_page_token=following)


def _page_size(size: int) -> int:
    if size < 0:
        raise invalid("PAGE_SIZE_INVALID", "page_size", f"A page cannot have {size} runs.", "Leave it out.")
    return min(size or DEFAULT_PAGE, LARGEST_PAGE)


def _state(state: int) -> State | None:
    if not state:
        return None
    try:
        return State(state)
    except ValueError:
        message = f"There is no run state {state}."
        raise invalid("STATE_INVALID", "state", message, "Use a name such as RUN_STATE_COMPLETED.") from None


def _cursor(token: str) -> str:
    """Reads a page token: the id of the last run of the page before."""
    if token and not re.fullmatch(r"[0-9a-z]{26}", token):
        message = "The page token is not one that this method returned."
        raise invalid("PAGE_TOKEN_INVALID", "page_token", message, "Leave it out to begin at the newest run.")
    return token
