"""The command line: `serve` runs a server, `tests` writes tests, `runs` looks after runs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from pathlib import Path
from typing import Any, NoReturn

import click
import uvloop

from headwater import __version__
from headwater.errors import Code, Problem
from headwater.options import serve_options
from headwater_client import AsyncClient, HeadwaterError

FAILED, MISUSED, INTERRUPTED = 1, 2, 130
"""Exit codes: the run failed; a setting or an argument is wrong; Ctrl-C (128 + SIGINT)."""


def main() -> None:
    """Runs the command line and exits with its code."""
    headwater.main(prog_name="headwater")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="headwater")
def headwater() -> None:
    """Turns code into tests that were run, and streams every step while it happens."""


@headwater.command()
@serve_options
def serve(**given: str | None) -> None:
    """Runs a server: gRPC with reflection and health, and HTTP with SSE, NDJSON and JSON.

    Every option may be given as HEADWATER_… in the environment instead.
    """
    from headwater.config import load_settings  # noqa: PLC0415 — the service is loaded by those who serve
    from headwater.logs import configure  # noqa: PLC0415
    from headwater.server import serve as run_server  # noqa: PLC0415
    from headwater.welcome import welcome  # noqa: PLC0415

    try:
        settings = load_settings(**given)
        configure(settings.log_level, json={"json": True, "text": False}.get(settings.log_format))
        _run(run_server(settings, lambda ports: welcome(settings, ports)))
    except Problem as failure:
        _die(failure, MISUSED)


@headwater.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The test file to write; else to stdout.")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder that goes on the import path; found by default.",
)
@click.option(
    "--python",
    "python",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The interpreter that has the module's dependencies.",
)
@click.option("--symbol", "symbols", multiple=True, help="Aim at this function, class or method; may be repeated.")
@click.option("--lines", help="Aim at these lines: 12 or 12-40.")
@click.option("--budget", type=click.FloatRange(0, 86_400, min_open=True), help="Seconds to search for tests.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Seeds every random choice.")
@click.option("--target-count", type=click.IntRange(0, 10_000), help="Stop at so many tests.")
@click.option("--coverage-target", type=click.FloatRange(0, 100), help="Stop at so many percent of combined coverage.")
@click.option("--provider", help="Who writes the tests; several with commas are asked in order.")
@click.option("--model", help="The provider's model.")
@click.option("--sandbox", help="How to lock the code up (without --server); see serve --help.")
@click.option("--server", metavar="HOST:PORT", help="Ask this server instead of working here.")
@click.option("--token", envvar="HEADWATER_TOKEN", help="The API key or token for the server.")
@click.option("--json", "as_json", is_flag=True, help="Print every event as a line of JSON.")
def tests(**given: Any) -> None:
    """Writes tests of FILE: searched, run, verified, formatted."""
    from headwater.tests_command import TestsCommand  # noqa: PLC0415 — loaded by those who test

    command = TestsCommand(**given)
    sys.exit(_run_or_die(command.run()))


@headwater.group()
@click.option("--server", default="localhost:50051", show_default=True, metavar="HOST:PORT", help="The server to ask.")
@click.option("--token", envvar="HEADWATER_TOKEN", help="The API key or token for the server.")
@click.pass_context
def runs(context: click.Context, server: str, token: str | None) -> None:
    """Lists, shows, watches and cancels the runs of a server."""
    context.obj = lambda: AsyncClient(server, token=token)


@runs.command("list")
@click.option("--most", default=20, show_default=True, help="How many to list.")
@click.pass_obj
def list_runs(connect: Callable[[], AsyncClient], most: int) -> None:
    """Lists the newest runs."""

    async def show() -> None:
        count = 0
        async with connect() as client, aclosing(client.list_runs(page_size=min(most, 1000))) as found:
            async for run in found:
                click.echo(_line(run))
                count += 1
                if count == most:
                    return

    _run_or_die(show())


@runs.command("show")
@click.argument("run")
@click.pass_obj
def show_run(connect: Callable[[], AsyncClient], run: str) -> None:
    """Shows the state of RUN."""

    async def show() -> None:
        async with connect() as client:
            click.echo(_line(await client.get_run(run)))

    _run_or_die(show())


@runs.command("cancel")
@click.argument("run")
@click.option("--reason", default="", help="Why, for the journal.")
@click.pass_obj
def cancel_run(connect: Callable[[], AsyncClient], run: str, reason: str) -> None:
    """Cancels RUN."""

    async def cancel() -> None:
        async with connect() as client:
            click.echo(_line(await client.cancel_run(run, reason)))

    _run_or_die(cancel())


@runs.command("watch")
@click.argument("run")
@click.option("--after", default=0, help="Begin after this sequence.")
@click.option("--json", "as_json", is_flag=True, help="Print every event as a line of JSON.")
@click.pass_obj
def watch_run(connect: Callable[[], AsyncClient], run: str, after: int, as_json: bool) -> None:
    """Streams the events of RUN, from the journal and live."""
    from headwater.tests_command import follow  # noqa: PLC0415 — loaded by those who watch

    async def watch() -> int:
        async with connect() as client, aclosing(client.watch_run(run, after)) as events:
            return (await follow(events, as_json=as_json)).exit_code

    sys.exit(_run_or_die(watch()))


@headwater.command()
@click.argument("name", default="")
@click.option("--check", is_flag=True, help="Ask each configured vendor for its models now.")
@click.option("--server", metavar="HOST:PORT", help="Ask this server instead of looking at this machine.")
@click.option("--token", envvar="HEADWATER_TOKEN", help="The API key or token for the server.")
def providers(name: str, check: bool, server: str | None, token: str | None) -> None:
    """Lists who can write tests: all, or NAME with its models."""
    from headwater.listing import list_providers  # noqa: PLC0415 — loaded by those who list

    click.echo(_run_or_die(list_providers(name, check=check, server=server, token=token)))


@headwater.command()
@click.argument("name", default="")
@click.option("--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Templates of your own.")
def prompts(name: str, folder: Path | None) -> None:
    """Lists the templates of what models are told, or shows NAME."""
    from headwater.listing import list_prompts  # noqa: PLC0415

    try:
        click.echo(list_prompts(name, folder))
    except Problem as failure:
        _die(failure, MISUSED)


def _line(run: Any) -> str:
    state = run.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number[run.state].name
    when = run.create_time.ToDatetime().isoformat(" ", "seconds")
    return f"{run.run}  {run.method}  {state.removeprefix('RUN_STATE_').lower():9}  {when}  {run.last_sequence} events"


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            return runner.run(work)
        except (KeyboardInterrupt, asyncio.CancelledError):
            click.echo("headwater: cancelled", err=True)
            sys.exit(INTERRUPTED)


def _run_or_die(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return _run(work)
    except (Problem, HeadwaterError) as failure:
        _die(failure, MISUSED if is_misuse(failure) else FAILED)


def is_misuse(failure: Problem | HeadwaterError) -> bool:
    """Whether an argument is to blame, and not the work."""
    return failure.code.name == "INVALID_ARGUMENT"


def _die(failure: Problem | HeadwaterError, code: int) -> NoReturn:
    """Says what is wrong and what to do about it, in one line, and exits."""
    text = " ".join(str(Problem(Code.UNKNOWN, failure.reason, failure.message, failure.remedy)).split())
    click.echo(f"headwater: {text} [{failure.reason}]", err=True)
    sys.exit(code)
