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


def project_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of `project`."""
    options = (
        click.option(
            "--requirements", required=True, metavar="FILE", help="What is wanted, in words or YAML; - for stdin."
        ),
        click.option(
            "--out",
            required=True,
            type=click.Path(path_type=Path),
            help="The folder of the project. One that was generated before is brought up to date; what you changed is "
            "kept.",
        ),
        click.option("--name", metavar="NAME", help="What the project is called."),
        click.option("--description", metavar="TEXT", help="A sentence on what it is for."),
        click.option(
            "--proof",
            type=click.Choice(("fast", "full", "none")),
            help="How much of it is run: its own tests in the sandbox (default), everything, or nothing.",
        ),
        click.option("--frontend", type=click.Choice(("react", "none")), help="The frontend; react by default."),
        click.option(
            "--database", type=click.Choice(("sqlite", "postgres")), help="What it is set up for; sqlite by default."
        ),
        click.option(
            "--deployment",
            multiple=True,
            type=click.Choice(("docker", "compose", "kubernetes", "ci")),
            help="Where it is deployed to; repeatable, all of them by default.",
        ),
        click.option(
            "--license",
            type=click.Choice(("MIT", "Apache-2.0", "BSD-3-Clause", "proprietary")),
            help="Its licence; MIT by default.",
        ),
        click.option(
            "--provider", metavar="NAME[,NAME]", help="Who reads the requirements: embedded (needs no key) or a model."
        ),
        click.option("--model", metavar="NAME", help="The provider's model."),
        click.option("--seed", type=click.IntRange(0, 2**32 - 1), metavar="NUMBER", help="Decides the first data."),
        click.option("--fresh", is_flag=True, help="Take no notice of what was generated in the folder before."),
        click.option("--force", is_flag=True, help="Write over what was changed in the folder, or lies in it."),
    )
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


COVERAGE_FORMS = ("text", "markdown", "sarif", "github", "json", "html")
FORMS_HELP = "The form of the result: for a person, a pull request, annotations, programs or a browser."


def _default(field: Any) -> str:
    """Shows a default that says something: no empty text, list or secret."""
    value = field.get_default(call_default_factory=True)
    return f"[default: {value}]" if value not in (None, "", ()) and str(value) else ""
