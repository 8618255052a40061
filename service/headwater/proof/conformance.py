"""Proves that an application answers as its own description says, by requests that are made up from it."""

from __future__ import annotations

import json

from headwater.proof.backend import script
from headwater.proof.checks import Check, Finding, Ground, judged, not_run
from headwater.proof.world import strongest, world

MISSING = 77
"""The exit code of a program that lacks what it needs, as test harnesses have it."""


async def _conformance(ground: Ground) -> Finding:
    known = world(ground.plan)
    asked = {"statements": known.statements(), "account": strongest(known)}
    done = await script(
        ground,
        "conformance.py",
        str(ground.limits.examples),
        seconds=ground.limits.build_seconds,
        memory_bytes=ground.limits.conformance_memory_bytes,
        conformance=json.dumps(asked),
    )
    return not_run("schemathesis is not installed beside the application.") if done.code == MISSING else judged(done)


CONFORMANCE = Check(name="conformance", command="schemathesis over the OpenAPI document", run=_conformance)
