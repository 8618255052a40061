"""Checks a GenerateProject request: usable as a whole, or refused with the field, the reason and the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from headwater.errors import invalid
from headwater.projects import Order, Previous, data, lock, planning
from headwater.providers.names import FIRST, check_provider
from headwater.rpc.fields import between
from headwater.synthesis.project.files import Database, License, Options, Target
from headwater.v1 import generate_project_pb2 as pb

EMBEDDED = "embedded"
LONGEST_NAME = 100
LONGEST_DESCRIPTION = 10_000
"""Characters."""
LONGEST_PREVIOUS = 8 << 20
"""Characters of what a project was generated from before."""
LEVELS = {
    pb.PROOF_LEVEL_UNSPECIFIED: "fast",
    pb.PROOF_LEVEL_NONE: "none",
    pb.PROOF_LEVEL_FAST: "fast",
    pb.PROOF_LEVEL_FULL: "full",
}
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A request that was checked: the order, and whom to ask beside the embedded parser."""

    order: Order
    vendors: tuple[str, ...]
    strict: bool
    """Whether a vendor that fails ends the run: nobody was named behind it."""


def check(request: pb.GenerateProjectRequest) -> Checked:
    """Reads the requirements and everything beside them; blocking.

    Raises Problem INVALID_ARGUMENT for the first field that is unusable, and for requirements that cannot be read.
    """
    between("project_name", len(request.project_name), 0, LONGEST_NAME)
    between("description", len(request.description), 0, LONGEST_DESCRIPTION)
    between("previous", len(request.previous), 0, LONGEST_PREVIOUS)
    if request.proof not in LEVELS:
        raise invalid("PROOF_UNKNOWN", "proof", f"There is no level {request.proof}.", "See ProofLevel.")
    vendors = tuple(_vendors(request))
    options = _options(request)
    previous: Previous | None = lock.read(request.previous) if request.previous else None
    order = Order(
        name=request.project_name,
        description=request.description,
        requirements=request.requirements,
        spec=planning.read(request.requirements, request.project_name, request.description),
        options=options,
        provider=vendors[0] if vendors else EMBEDDED,
        proof=LEVELS[request.proof],
        previous=previous,
    )
    return Checked(order=order, vendors=vendors, strict=EMBEDDED not in request.provider)


def _vendors(request: pb.GenerateProjectRequest) -> Sequence[str]:
    """Returns the vendors that are asked, the first with its model; none where `embedded` comes first."""
    names: list[str] = []
    for each in request.provider:
        check_provider(each)
        if each == EMBEDDED:
            break
        if each.partition(":")[0] == "scripted":
            remedy = "Use embedded, or a vendor such as openai:gpt-4o."
            raise invalid("PROVIDER_UNFIT", "provider", "The provider 'scripted' plays tests, no projects.", remedy)
        names.append(each.removeprefix(FIRST))
    if request.model and not names:
        remedy = "Leave the model out, or name its vendor in provider."
        raise invalid("MODEL_UNUSED", "model", "The embedded parser has no models.", remedy)
    if request.model and ":" not in names[0]:
        names[0] = f"{names[0]}:{request.model}"
    return names


def _options(request: pb.GenerateProjectRequest) -> Options:
    stack = request.stack
    _only("stack.backend", stack.backend, (data.BACKEND,))
    _only("stack.frontend", stack.frontend, (data.FRONTEND, "none"))
    _only("stack.auth", stack.auth, (data.AUTH,))
    targets = tuple(_choice(Target, f"stack.deployment[{at}]", each) for at, each in enumerate(stack.deployment))
    return Options(
        database=_choice(Database, "stack.database", stack.database or Database.SQLITE),
        frontend=stack.frontend != "none",
        targets=tuple(each for each in Target if each in targets) or tuple(Target),
        license=_choice(License, "license", request.license or License.MIT),
        seed=request.seed,
    )


def _only(field: str, value: str, known: Sequence[str]) -> None:
    if value and value not in known:
        message = f"{value[:100]!r} is nothing that projects are built with here."
        raise invalid("STACK_UNKNOWN", field, message, f"Use {' or '.join(known)}, or leave it out.")


def _choice(kind: type[_Choice], field: str, value: str) -> _Choice:
    _only(field, value, [str(each) for each in kind])
    return kind(value)
