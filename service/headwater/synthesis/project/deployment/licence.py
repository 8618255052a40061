"""Writes the licence of an application."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from headwater.synthesis.project.files import Plan


def licence(plan: Plan) -> str:
    """Returns the text of the licence that was chosen."""
    text = (
        files("headwater.synthesis.project.deployment")
        .joinpath("licences", f"{plan.options.license}.txt")
        .read_text(encoding="utf-8")
    )
    return Template(text).safe_substitute(title=" ".join(plan.spec.title.split()))
