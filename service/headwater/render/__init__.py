"""Renders an analysis of coverage for whoever reads it: a person, a pull request, an annotation, another tool.

One file a form, each with `render(analysis) -> str`. What strangers wrote (names of files, conditions) is escaped as
the form wants it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from headwater.render import github, markdown, page, sarif, text
from headwater.render.analysis import Analysis

__all__ = ["FORMS", "Analysis", "Form"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form in which an analysis is told."""

    render: Callable[[Analysis], str]
    files: bool = field(default=False)
    """Whether it tells of each file, and so needs their events."""
    sources: bool = field(default=False)
    """Whether it shows the code."""


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "text": Form(render=text.render, files=True),
        "markdown": Form(render=markdown.render, files=True),
        "sarif": Form(render=sarif.render),
        "github": Form(render=github.render),
        "html": Form(render=page.render, files=True, sources=True),
    }
)
"""By name; the form of programs, JSON, is the message as it is on the wire."""
