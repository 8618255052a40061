"""Loads what a generation starts from: the file's header, and how the module fares by being imported alone."""

from __future__ import annotations

import time
from importlib.resources import files
from string import Template

from headwater.pipeline import Job, Tell


async def load_prompts(job: Job, tell: Tell) -> None:
    """Renders the header and measures the baseline: statements, branches, and what the import alone executes.

    Warns where nothing can run the tests.
    """
    unverified = job.language.unverified
    if unverified is not None:
        await tell(unverified)
    name = "header.md" if unverified is None else "header_unverified.md"
    template = Template(files("headwater.pipeline").joinpath("templates", name).read_text())
    job.header = template.substitute(module=job.aim.module, provider=job.provider_name, seed=job.aim.seed)
    found = await job.language.runner.judge(job, "", rounds=0)
    known = job.aim.known
    job.baseline = job.coverage = known(found.baseline) if known is not None else found.baseline
    if job.language.builds:
        job.began = time.monotonic()
