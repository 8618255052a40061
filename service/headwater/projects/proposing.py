"""Has a model propose changes to a spec, and sends back what cannot be done until it is mended or given up."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from headwater.errors import Problem
from headwater.projects import Noted, Spent
from headwater.projects.talking import Talk
from headwater.providers.models import Model
from headwater.synthesis.project import proposal
from headwater.synthesis.project.spec import Spec

MOST_CHARACTERS = 400_000
"""Of one answer: whoever writes more has lost the thread."""
TOLD = 3
"""So many faults are named in a warning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who is asked about what, how often at most, and whether nobody stands behind it."""

    model: Model
    requirements: str
    attempts: int
    strict: bool


async def improve(asked: Asked, spec: Spec) -> AsyncGenerator[Noted | Spent | Spec]:
    """Yields each better spec, what an answer took, and a note on what was given up; every spec is valid.

    Raises the Problem of the vendor where nobody stands behind it.
    """
    told = proposal.instructions(spec, asked.requirements)
    talk, question = Talk(asked.model, told.system, most=MOST_CHARACTERS), told.user
    for attempt in range(asked.attempts):
        try:
            answer = await talk.ask(question)
        except Problem as problem:
            if asked.strict:
                raise
            yield Noted(reason=problem.reason, message=f"{problem.message} The spec stands as it was read.")
            return
        yield talk.spent()
        found = proposal.read(answer)
        outcome = proposal.apply(spec, found, by=asked.model.name)
        faults = (*found.faults, *outcome.faults)
        if outcome.spec != spec:
            spec = outcome.spec
            yield spec
        if not faults:
            return
        if attempt + 1 == asked.attempts:
            named = "; ".join(f"{each.field}: {each.description}" for each in faults[:TOLD])
            yield Noted(
                reason="PROPOSALS_DROPPED",
                message=f"{len(faults)} proposals of {asked.model.name} could not be used: {named}",
                remedy="The spec stands without them.",
            )
        question = proposal.complaint(faults)
