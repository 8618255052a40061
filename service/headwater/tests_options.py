"""The options of `headwater tests`: those of every run, and those of runs over a package."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

OF_A_PACKAGE = (
    *("include", "exclude", "jobs", "total_budget", "existing", "no_existing"),
    *("existing_seconds", "changed_since", "fresh", "force"),
)
"""The options that speak of more than one module, by their names in the command."""

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_SECONDS = click.FloatRange(0, min_open=True)


def tests_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the argument and the options of `tests`."""
    options = (*_of_every_run(), *_of_a_package())
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


def _of_every_run() -> tuple[Callable[..., Any], ...]:
    return (
        click.argument("file", metavar="FILE|FOLDER|PACKAGE", type=click.Path(path_type=Path)),
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            help="Write the tests to this file, to stdout without it; those of a package to this folder.",
        ),
        click.option(
            "--root",
            type=_FOLDER,
            help="The folder from which FILE is imported; by default the one above its outermost package.",
        ),
        click.option(
            "--python",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="The interpreter that has FILE's dependencies, such as .venv/bin/python.",
        ),
        click.option(
            "--symbol", "symbols", multiple=True, metavar="NAME", help="Aim at this function, class or method."
        ),
        click.option("--lines", metavar="FIRST[-LAST]", help="Aim at these lines: 12 or 12-40."),
        click.option(
            "--framework",
            metavar="NAME",
            help="pytest; node, vitest or jest; go. By default the one that the project uses.",
        ),
        click.option(
            "--budget",
            type=_SECONDS,
            metavar="SECONDS",
            help="How long to search for tests; 10 by default.",
        ),
        click.option(
            "--executions",
            type=click.IntRange(0, 100_000_000),
            metavar="NUMBER",
            help="How many calls of the code the search may make; with the same seed they give the same tests.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(0, 2**32 - 1),
            metavar="NUMBER",
            help="Seeds every random choice; 0 by default.",
        ),
        click.option("--target-count", type=click.IntRange(0, 10_000), metavar="NUMBER", help="Stop at so many tests."),
        click.option(
            "--coverage-target",
            type=click.FloatRange(0, 100),
            metavar="PERCENT",
            help="Stop at this combined coverage of lines and branches.",
        ),
        click.option(
            "--provider",
            metavar="NAME[,NAME]",
            help="Who writes: embedded (needs no key) by default; of several the next takes over. See headwater "
            "providers.",
        ),
        click.option("--model", metavar="NAME", help="The provider's model."),
        click.option(
            "--sandbox",
            metavar="LEVEL",
            help="How the code is locked up here: auto, namespaces, bubblewrap, landlock or process.",
        ),
    )


def _of_a_package() -> tuple[Callable[..., Any], ...]:
    return (
        click.option("--include", multiple=True, metavar="GLOB", help="Only these modules: api/**/*.py; repeatable."),
        click.option("--exclude", multiple=True, metavar="GLOB", help="None of these modules; repeatable."),
        click.option("--jobs", type=click.IntRange(1, 64), metavar="NUMBER", help="Modules at a time; one a core."),
        click.option(
            "--total-budget",
            type=_SECONDS,
            metavar="SECONDS",
            help="How long to search in all, shared by the size of the modules.",
        ),
        click.option(
            "--existing",
            multiple=True,
            type=click.Path(exists=True, path_type=Path),
            help="Where tests lie that exist; by default wherever pytest would find them.",
        ),
        click.option("--no-existing", is_flag=True, help="Take no notice of tests that exist."),
        click.option(
            "--existing-seconds",
            type=_SECONDS,
            metavar="SECONDS",
            help="How long the tests that exist may run; 120 by default.",
        ),
        click.option(
            "--changed-since", metavar="REVISION", help="Aim at the functions that changed since this commit of git."
        ),
        click.option("--fresh", is_flag=True, help="Do again what is done already."),
        click.option("--force", is_flag=True, help="Write over files of tests that somebody else wrote, or changed."),
    )
