"""The options of the commands that have many: those of `serve` are made from the settings, one of each."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from headwater.config import Settings


def serve_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds an option for each setting; its value is checked where the settings are."""
    for name, field in reversed(Settings.model_fields.items()):
        flag = f"--{name.replace('_', '-')}"
        command = click.option(flag, name, metavar="VALUE", help=f"{field.description} {_default(field)}")(command)
    return command


def coverage_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the argument and the options of `coverage`."""
    file = click.Path(dir_okay=False, path_type=Path)
    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    options = (
        click.argument("reports", metavar="REPORT...", nargs=-1, required=True, type=click.Path(path_type=Path)),
        click.option("--source", type=folder, help="The folder of the code; without it, what reports alone can say."),
        click.option("--remote-source", metavar="DIR", help="The folder of the code on the server, instead."),
        click.option("--include", multiple=True, metavar="GLOB", help="Only these files: src/**/*.py; repeatable."),
        click.option("--exclude", multiple=True, metavar="GLOB", help="None of these files; repeatable."),
        click.option(
            "--diff", metavar="FILE", help="What git diff wrote, for the coverage of the change; - for stdin."
        ),
        click.option("--git-range", metavar="A...B", help="These commits of the source, instead of a diff."),
        click.option("--target", metavar="PERCENT", help="The coverage to aim at; being under it fails nothing."),
        click.option("--fail-under", metavar="PERCENT", help="Exit with 3 if the total coverage is less."),
        click.option(
            "--patch-fail-under", metavar="PERCENT", help="Exit with 3 if the coverage of the change is less."
        ),
        click.option("--format", "form", type=click.Choice(COVERAGE_FORMS), default="text", help=FORMS_HELP),
        click.option("--out", type=file, help="Write the result to this file; to stdout without it."),
        click.option("--files", is_flag=True, help="Tell of every file, not the worst only."),
        click.option("--max-gaps", type=click.IntRange(1), metavar="NUMBER", help="Tell so many gaps, the worst."),
        click.option(
            "--formula",
            type=click.Choice(("lines", "combined", "codecov", "sonar")),
            help="How the total is computed; the way of the reports' own tool without it.",
        ),
        click.option(
            "--suggest",
            type=click.Choice(("none", "outline", "verified")),
            help="What to suggest for gaps: nothing, tests in words (default), or tests that were run.",
        ),
        click.option("--tests-out", type=folder, help="Write the tests that were run to this folder."),
        click.option(
            "--budget",
            type=click.FloatRange(0, min_open=True),
            metavar="SECONDS",
            help="How long to write tests, for all gaps together; 10 by default.",
        ),
        click.option(
            "--provider", metavar="NAME[,NAME]", help="Who writes the tests: embedded (needs no key) or a model."
        ),
        click.option(
            "--python",
            type=file,
            help="The interpreter that has the code's packages, such as .venv/bin/python, for tests that are run.",
        ),
    )
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


COVERAGE_FORMS = ("text", "markdown", "sarif", "github", "json", "html")
FORMS_HELP = "The form of the result: for a person, a pull request, annotations, programs or a browser."


def _default(field: Any) -> str:
    """Shows a default that says something: no empty text, list or secret."""
    value = field.get_default(call_default_factory=True)
    return f"[default: {value}]" if value not in (None, "", ()) and str(value) else ""
