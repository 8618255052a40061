"""GetProject: what a project holds, as far as it has come."""

from __future__ import annotations

from headwater.rpc import Desk
from headwater.rpc.kept_projects import kept_project
from headwater.v1 import projects_pb2 as pb


async def get_project(request: pb.GetProjectRequest, owner: str, desk: Desk) -> pb.Project:
    """Returns the phases, the manifest and the proof of a project."""
    kept = await kept_project(request.project, owner, desk)
    message = pb.Project(
        project_id=kept.row.run,
        name=kept.phases.analysis.spec.name,
        state=kept.row.state.name.lower(),
        phases=kept.phases,
        manifest=kept.manifest(),
        proof=kept.rungs,
    )
    message.create_time.FromMilliseconds(round(kept.row.created * 1000))
    return message
