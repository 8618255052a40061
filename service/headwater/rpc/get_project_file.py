"""GetProjectFile: one file of a project, as it is."""

from __future__ import annotations

import mimetypes

from google.api.httpbody_pb2 import HttpBody

from headwater.errors import Code, problem
from headwater.rpc import Desk
from headwater.rpc.kept_projects import kept_project
from headwater.v1 import projects_pb2 as pb

PLAIN = "text/plain; charset=utf-8"
SHOWN = frozenset({"application/json"})
"""Types beside plain text that a browser shows and never runs: nobody's generated page runs under this origin."""


async def get_project_file(request: pb.GetProjectFileRequest, owner: str, desk: Desk) -> HttpBody:
    """Returns a file. Raises Problem NOT_FOUND `FILE_NOT_FOUND`."""
    kept = await kept_project(request.project, owner, desk)
    found = kept.files.get(request.path)
    if found is None:
        message = f"Project {request.project} has no file {request.path[:200]!r}."
        raise problem(Code.NOT_FOUND, "FILE_NOT_FOUND", message, "GetProject lists its files in manifest.")
    kind, _ = mimetypes.guess_type(request.path)
    return HttpBody(content_type=kind if kind in SHOWN else PLAIN, data=found.text.encode())
