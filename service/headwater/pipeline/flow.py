"""Runs the stages: load prompts 10 %, generate 30–50 %, format 60 %, validate 80 %, retry 85–95 %, done 100 %."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from headwater.pipeline import Job, Past, Stage, StageBegan, Tell, Withdrawn
from headwater.pipeline.draft import adopt, draft
from headwater.pipeline.finish import tidy_up, validate
from headwater.pipeline.prompts import load_prompts

SECONDS_WORTH_RETRYING = 1.0
"""Less than this left of the budget starts no further attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A stage: its name on the wire, its percentage, what it says, and what it does."""

    name: str
    percent: float
    message: str
    run: Stage


STAGES: tuple[Entry, ...] = (
    Entry(name="load_prompts", percent=10, message="Measuring {module} as it is imported", run=load_prompts),
    Entry(name="generate", percent=30, message="Writing tests of {module}", run=draft),
    Entry(name="format", percent=60, message="Formatting {tests}", run=tidy_up),
    Entry(name="validate", percent=80, message="Running all {tests} together", run=validate),
)

RETRY_PERCENT: Mapping[str, float] = {"generate": 85, "format": 92, "validate": 95}
"""Where the stages of a further attempt stand; all of them are called `retry`."""


async def generate(job: Job, tell: Tell, past: Past | None = None) -> None:
    """Runs every stage, and again what may still gain something; the result stands in the job.

    `past` is what an adopted run had announced before the crash. Raises Problem FAILED_PRECONDITION when the module
    under test cannot be imported, and whatever the provider refuses with. Where no test was accepted, nothing is told
    to be done.
    """
    await _run(STAGES[0], job, tell)
    if past is not None:
        job.attempt = past.attempt
    if past is not None and past.drafts:
        await adopt(job, past, tell)
        message = "The server was restarted; what was written after the last accepted test is withdrawn."
        await tell(Withdrawn(scope="draft", attempt=job.attempt, message=message))
    await _attempt(job, tell)
    while _worth_retrying(job):
        job.attempt += 1
        await _attempt(job, tell)
    if job.accepted:
        await tell(StageBegan(stage="done", percent=100, message=_summary(job), attempt=job.attempt))


async def _attempt(job: Job, tell: Tell) -> None:
    """Runs the stages of one attempt; where no test was accepted, there is none to format or to run."""
    writing, *finishing = STAGES[1:]
    await _run(writing, job, tell)
    for entry in finishing if job.accepted else ():
        await _run(entry, job, tell)


async def _run(entry: Entry, job: Job, tell: Tell) -> None:
    began = time.monotonic()
    again = job.attempt > 1 and entry.name in RETRY_PERCENT
    message = entry.message.format(module=job.aim.module, tests=_count(len(job.accepted)))
    await tell(
        StageBegan(
            stage="retry" if again else entry.name,
            percent=RETRY_PERCENT[entry.name] if again else entry.percent,
            message=message,
            attempt=job.attempt,
        )
    )
    await entry.run(job, tell)
    spent = job.stage_seconds.get(entry.name, 0.0) + time.monotonic() - began
    job.stage_seconds[entry.name] = round(spent, 3)


def _worth_retrying(job: Job) -> bool:
    """Whether another attempt may gain something: a target is missed, time is left, and the provider is not done."""
    return (
        not job.satisfied
        and job.language.unverified is None
        and job.attempt < job.aim.max_attempts
        and job.stopped_by not in {"exhausted", "budget"}
        and job.coverage.combined < 100  # noqa: PLR2004 — percent
        and job.seconds_left > SECONDS_WORTH_RETRYING
        and (not job.aim.executions or job.executions_left > 0)
    )


def _summary(job: Job) -> str:
    return f"{_count(len(job.accepted))}, {job.coverage.combined:g} % combined coverage"


def _count(tests: int) -> str:
    return "1 test" if tests == 1 else f"{tests} tests"
