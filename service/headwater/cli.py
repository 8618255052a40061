"""The command line: `serve` runs a server; `tests`, `coverage` and `project` do its work; `runs` looks after runs."""

from __future__ import annotations

import asyncio
import functools
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import aclosing
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, TypeAlias

import click
import uvloop

from headwater import __version__
from headwater.errors import Code, Problem
from headwater.options import coverage_options, project_options, serve_options
from headwater.tests_options import tests_options
from headwater_client import AsyncClient, HeadwaterError, Tls

Connect: TypeAlias = Callable[[], AsyncClient]

FAILED, MISUSED, INTERRUPTED = 1, 2, 130
"""Exit codes: the work failed; it was not begun, for what was asked has to change; Ctrl-C (128 + SIGINT)."""

MISUSES = frozenset(
    {
        "INVALID_ARGUMENT",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "FAILED_PRECONDITION",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "UNAUTHENTICATED",
    }
)
"""The codes of refusals that stay refusals until the caller changes something: an argument, a setting, a key."""


def main() -> None:
    """Runs the command line and exits with its code."""
    headwater.main(prog_name="headwater")


def server_options(default: str | None, *, hidden: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds the options that say which server is asked and how; the command gets them as `connect`.

    What is not given here is what the group above was given. Without a server `connect` is None: work without one.
    """

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @click.pass_context
        @functools.wraps(command)
        def connected(context: click.Context, **given: Any) -> Any:
            above: Mapping[str, Any] = context.obj or {}
            asked = {name: given.pop(name) or above.get(name) for name in ("server", "token", "tls", "tls_ca")}
            context.obj = asked
            return command(connect=_connect(**asked), **given)

        about = "The server to ask." if default else "Ask this server instead of working here."
        readable = click.Path(exists=True, dir_okay=False, path_type=Path)
        options = (
            click.option(
                "--server", default=default, show_default=True, metavar="HOST:PORT", help=about, hidden=hidden
            ),
            click.option(
                "--token", envvar="HEADWATER_TOKEN", help="Your API key or token (or HEADWATER_TOKEN).", hidden=hidden
            ),
            click.option("--tls", is_flag=True, help="Speak TLS, and trust this machine's authorities.", hidden=hidden),
            click.option(
                "--tls-ca", type=readable, help="Speak TLS, and trust the authorities in this PEM file.", hidden=hidden
            ),
        )
        return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), connected)

    return add


def _connect(*, server: str | None, token: str | None, tls: bool | None, tls_ca: Path | None) -> Connect | None:
    trust = Tls(roots=tls_ca.read_bytes()) if tls_ca is not None else bool(tls)
    return None if server is None else lambda: AsyncClient(server, token=token, tls=trust)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, "-V", "--version", prog_name="headwater")
def headwater() -> None:
    """Turns code into tests that were run, and streams every step while it happens.

    Begin with: headwater tests FILE.py --out test_FILE.py
    """


@headwater.command()
def version() -> None:
    """Shows the version."""
    click.echo(f"headwater, version {__version__}")


@headwater.command()
@serve_options
def serve(**given: str | None) -> None:
    """Runs a server: gRPC and HTTP.

    gRPC has reflection and health; HTTP streams SSE, NDJSON or JSON. Ctrl-C or SIGTERM ends it once its runs are done.
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
@tests_options
@server_options(None)
@click.option("--json", "as_json", is_flag=True, help="Print every event as a line of JSON to stdout.")
def tests(**given: Any) -> None:
    """Writes tests of FILE, of all modules of a folder or package, or of Python on stdin for -.

    Of many modules some are worked on at a time; tests that exist are run once, and what they cover is not tested
    again. The same command goes on where it was stopped.

    Python needs no model. JavaScript, TypeScript and Go need one: --provider openai --model gpt-4o.

    Progress goes to stderr, the tests to stdout or to --out. The code runs in a sandbox, here or on a server.
    Exits with 0 if there are tests, 1 if the run failed, 2 if it was refused, 3 if some modules of several failed, 130
    if it was cancelled (Ctrl-C).
    """
    from headwater.package_command import tests_command  # noqa: PLC0415 — loaded by those who test

    async def run() -> int:
        return await tests_command(**given).run()

    sys.exit(_run_or_die(run()))


@headwater.command()
@coverage_options
@server_options(None)
@click.option("--json", "as_json", is_flag=True, help="Print every event as a line of JSON to stdout.")
def coverage(**given: Any) -> None:
    """Finds what coverage REPORTs leave untested, how much it matters and what to do about it.

    A report is of coverage.py, Cobertura, LCOV, JaCoCo, Istanbul, Go or another known format; several are united.
    Progress goes to stderr, the result to stdout or to --out.
    Exits with 0 if all went well, 1 if the run failed, 2 if it was refused, 3 if coverage is under a threshold, 130 if
    it was cancelled (Ctrl-C).
    """
    from headwater.coverage_command import CoverageCommand  # noqa: PLC0415 — loaded by those who ask

    command = CoverageCommand(**given)
    sys.exit(_run_or_die(command.run()))


@headwater.command()
@project_options
@server_options(None)
@click.option("--json", "as_json", is_flag=True, help="Print every event as a line of JSON to stdout.")
def project(**given: Any) -> None:
    """Turns requirements into an application that was run: database, backend, frontend, tests and deployment.

    Progress goes to stderr, the project to --out. Nothing needs a key or a network; a model may propose changes.
    Exits with 0 if all went well, 1 if the run failed, 2 if it was refused, 3 if the project was written and a part of
    its proof failed, 130 if it was cancelled (Ctrl-C).
    """
    from headwater.project_command import ProjectCommand  # noqa: PLC0415 — loaded by those who ask

    command = ProjectCommand(**given)
    sys.exit(_run_or_die(command.run()))


@headwater.group()
@server_options("localhost:50051")
def runs(connect: Connect) -> None:
    """Lists, shows, watches and cancels the runs of a server."""
    del connect  # what it says of the server, the commands below find


@runs.command("list")
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, help="How many to list.")
@server_options(None, hidden=True)
def list_runs(most: int, connect: Connect) -> None:
    """Lists your newest runs."""

    async def show() -> None:
        count = 0
        async with connect() as client, aclosing(client.list_runs(page_size=min(most, 1000))) as found:
            async for run in found:
                click.echo(_line(run) if count else f"{HEADER}\n{_line(run)}")
                count += 1
                if count == most:
                    return
        if not count:
            click.echo("headwater: there are no runs", err=True)

    _run_or_die(show())


@runs.command("show")
@click.argument("run")
@server_options(None, hidden=True)
def show_run(run: str, connect: Connect) -> None:
    """Shows the state of RUN."""

    async def show() -> None:
        async with connect() as client:
            click.echo(f"{HEADER}\n{_line(await client.get_run(run))}")

    _run_or_die(show())


@runs.command("cancel")
@click.argument("run")
@click.option("--reason", default="", help="Why, for the journal.")
@server_options(None, hidden=True)
def cancel_run(run: str, connect: Connect, reason: str) -> None:
    """Cancels RUN."""

    async def cancel() -> None:
        async with connect() as client:
            click.echo(f"{HEADER}\n{_line(await client.cancel_run(run, reason))}")

    _run_or_die(cancel())


@runs.command("watch")
@click.argument("run")
@click.option(
    "--after",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    metavar="SEQUENCE",
    help="Begin after this event instead of the first.",
)
@click.option("--json", "as_json", is_flag=True, help="Print every event as a line of JSON to stdout.")
@server_options(None, hidden=True)
def watch_run(run: str, connect: Connect, after: int, as_json: bool) -> None:
    """Streams the events of RUN: those that were, then those that come.

    Ctrl-C leaves the stream, not the run.
    """
    from headwater.telling import Telling  # noqa: PLC0415 — loaded by those who watch

    async def watch() -> int:
        with Telling(as_json=as_json) as telling:
            async with connect() as client, aclosing(client.watch_run(run, after)) as events:
                return await telling.follow(aiter(events))

    sys.exit(_run_or_die(watch()))


@headwater.command()
@click.argument("name", default="")
@click.option("--check", is_flag=True, help="Ask each configured vendor for its models now.")
@server_options(None)
def providers(name: str, check: bool, connect: Connect | None) -> None:
    """Lists who can write tests, or NAME with its models.

    Configured means that a key or an address is set, not that somebody answers: --check asks.
    """
    from headwater.listing import list_providers  # noqa: PLC0415 — loaded by those who list

    click.echo(_run_or_die(list_providers(name, check=check, connect=connect)))


@headwater.command()
@click.argument("name", default="")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Templates of your own, which replace the shipped ones of the same name.",
)
def prompts(name: str, folder: Path | None) -> None:
    """Lists the templates of what models are told, or shows NAME.

    The provider embedded asks no model and needs none of them.
    """
    from headwater.listing import list_prompts  # noqa: PLC0415

    try:
        click.echo(list_prompts(name, folder))
    except Problem as failure:
        _die(failure, MISUSED)


COLUMNS = "{:26}  {:13}  {:9}  {:19}  {}"
HEADER = COLUMNS.format("RUN", "METHOD", "STATE", "STARTED (UTC)", "EVENTS")


def _line(run: Any) -> str:
    state = run.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number[run.state].name
    when = run.create_time.ToDatetime().isoformat(" ", "seconds")
    return COLUMNS.format(run.run, run.method, state.removeprefix("RUN_STATE_").lower(), when, run.last_sequence)


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
        _die(failure, MISUSED if _is_misuse(failure) else FAILED)


def _is_misuse(failure: Problem | HeadwaterError) -> bool:
    """Whether the caller has to change something; a run that is not there may be a matter of time or place."""
    missing = failure.code.name == "NOT_FOUND" and failure.reason != "RUN_NOT_FOUND"
    return missing or failure.code.name in MISUSES


def _die(failure: Problem | HeadwaterError, code: int) -> NoReturn:
    """Says what is wrong and what to do about it, in one line, and exits."""
    remedy = REMEDIES.get(failure.reason, failure.remedy)
    text = " ".join(str(Problem(Code.UNKNOWN, failure.reason, failure.message, remedy)).split())
    click.echo(f"headwater: {text} [{failure.reason}]", err=True)
    sys.exit(code)


REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "CREDENTIALS_MISSING": "Give --token, or set HEADWATER_TOKEN.",
        "CREDENTIALS_INVALID": "Check --token or HEADWATER_TOKEN.",
        "UNAVAILABLE": "Check that it runs (headwater serve), that --server names its gRPC port, and that --tls or "
        "--tls-ca is given if it speaks TLS.",
    }
)
"""What to do at the command line, where the refusal speaks of headers and channels."""
