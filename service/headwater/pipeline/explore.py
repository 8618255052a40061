"""Lets a provider run a guest program beside the code under test."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any

from headwater.pipeline import Job
from headwater.providers import Explore
from headwater.sandbox import Ended, Guest


def explorer(job: Job) -> Explore:
    """Makes the `Explore` of a job: its room, with the job's limits."""

    async def explore(
        program: Path, request: Mapping[str, Any], wall_seconds: float
    ) -> AsyncGenerator[dict[str, Any], None]:
        limits = replace(job.limits, wall_seconds=wall_seconds, cpu_seconds=ceil(wall_seconds) + 1)
        guest = Guest(path=program, request=request, limits=limits)
        async with aclosing(job.room.run(guest)) as messages:
            async for message in messages:
                yield _ended(job, message) if isinstance(message, Ended) else message

    return explore


def _ended(job: Job, ended: Ended) -> dict[str, Any]:
    job.sandbox_seconds += ended.seconds
    return {
        "event": "ended",
        "outcome": ended.outcome.value,
        "detail": ended.detail,
        "output": ended.output,
        "seconds": ended.seconds,
    }
