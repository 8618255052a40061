"""Makes a GenerateProjectRequest from keyword arguments."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Literal, TypedDict

from headwater.v1 import generate_project_pb2 as pb
from headwater_client.fields import Form, enum_value


class GenerateProjectFields(TypedDict, total=False):
    """What `generate_project` takes beside the requirements. All optional; what is absent the server decides."""

    project_name: str
    description: str
    """A sentence or two on what it is for."""
    frontend: Literal["react", "none"]
    database: Literal["sqlite", "postgres"]
    """The database it is set up for; its code runs on both."""
    deployment: str | Sequence[str]
    """Where it is deployed to: `docker`, `compose`, `kubernetes`, `ci`; all of them when absent."""
    provider: str | Sequence[str]
    """Who reads the requirements: `embedded`, or a model that proposes changes to what it has read."""
    model: str
    seed: int
    """Decides the first data."""
    proof: Literal["none", "fast", "full"]
    """How much of the project is run."""
    license: Literal["MIT", "Apache-2.0", "BSD-3-Clause", "proprietary"]
    previous: str
    """The text of the `.headwater/project.json` that the project was generated with before."""
    idempotency_key: str
    """Two requests with the same key share one run; a random one when absent, so that a retry starts no second run."""
    on_disconnect: Literal["cancel", "detach"]
    """What becomes of the run when this client leaves before its end."""
    detach_grace: float
    """How long a detached run goes on with nobody watching, in seconds."""
    deadline: float
    """The longest that the run may take, in seconds."""


def generate_project_request(
    requirements: str | None, base: pb.GenerateProjectRequest | None, fields: GenerateProjectFields
) -> pb.GenerateProjectRequest:
    """Makes the request: a copy of `base`, if given, with the fields set on top.

    Raises TypeError for a name that is no field, and HeadwaterError INVALID_ARGUMENT `ARGUMENT_INVALID` for a value
    that its field cannot hold.
    """
    return _FORM.request(base, {"requirements": requirements, **fields})


def _set_proof(request: pb.GenerateProjectRequest, level: Any) -> None:
    request.proof = enum_value(pb.ProofLevel, "proof", level)


def _set_deployment(request: pb.GenerateProjectRequest, targets: Any) -> None:
    request.stack.deployment[:] = [targets] if isinstance(targets, str) else targets


_FORM = Form(
    method="generate_project",
    kind=pb.GenerateProjectRequest,
    known=frozenset({"requirements", *GenerateProjectFields.__annotations__}),
    places=MappingProxyType(
        {
            **dict.fromkeys(("requirements", "project_name", "description", "previous"), ""),
            **dict.fromkeys(("model", "seed", "license"), ""),
            **dict.fromkeys(("frontend", "database"), "stack"),
        }
    ),
    fillings=MappingProxyType(
        {
            "proof": (_set_proof, 'Give "none", "fast" or "full".'),
            "deployment": (_set_deployment, 'Give a name such as "docker", or a sequence of names.'),
        }
    ),
)
