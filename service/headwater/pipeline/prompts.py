"""Loads what a generation starts from: the file's header, and how the module fares by being imported alone."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from headwater.pipeline import Job, Tell
from headwater.pipeline.judge import judge


async def load_prompts(job: Job, tell: Tell) -> None:
    """Renders the header and measures the baseline: statements, branches, and what the import alone executes."""
    del tell
    template = Template(files("headwater.pipeline").joinpath("templates", "header.md").read_text())
    job.header = template.substitute(module=job.aim.module, provider=job.provider_name, seed=job.aim.seed)
    found = await judge(job, "", rounds=0)
    job.baseline = job.coverage = found.baseline
