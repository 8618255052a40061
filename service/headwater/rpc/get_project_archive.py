"""GetProjectArchive: all files of a project as a zip archive."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Mapping

from google.api.httpbody_pb2 import HttpBody

from headwater.errors import Code, problem
from headwater.rpc import Desk
from headwater.rpc.kept_projects import kept_project
from headwater.store import State
from headwater.v1 import projects_pb2 as pb

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a zip can hold; the same for every file, so that the same project gives the same bytes."""
MODE = 0o100644


async def get_project_archive(request: pb.GetProjectArchiveRequest, owner: str, desk: Desk) -> HttpBody:
    """Returns the archive. Raises Problem FAILED_PRECONDITION `PROJECT_INCOMPLETE`."""
    kept = await kept_project(request.project, owner, desk)
    if kept.row.state is not State.COMPLETED:
        message = f"The run of project {request.project} is {kept.row.state.name.lower()}."
        remedy = "Fetch it when its run is complete; GetProjectFile returns what is whole already."
        raise problem(Code.FAILED_PRECONDITION, "PROJECT_INCOMPLETE", message, remedy)
    name = kept.phases.analysis.spec.name
    texts = {path: file.text for path, file in sorted(kept.files.items())}
    return HttpBody(content_type="application/zip", data=await asyncio.to_thread(_zip, name, texts))


def _zip(name: str, texts: Mapping[str, str]) -> bytes:
    """Packs the files under a folder of the project's name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in texts.items():
            entry = zipfile.ZipInfo(f"{name}/{path}", date_time=EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, MODE << 16
            archive.writestr(entry, text)
    return packed.getvalue()
