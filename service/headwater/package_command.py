"""The command `headwater tests` on a package: all its modules, some at a time, each a run of its own."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import click
from google.protobuf.message import Message

from headwater import __version__
from headwater.config import Settings, load_settings
from headwater.errors import invalid
from headwater.local import Local, opened
from headwater.logs import configure
from headwater.package_telling import PackageTelling
from headwater.packages.existing import Existing, run_tests
from headwater.packages.lookup import find_named
from headwater.packages.modules import INSTALLED, Module
from headwater.packages.names import check_folder
from headwater.packages.planning import Item, Plan, Wish, check_top, make_plan, shares
from headwater.packages.running import Task, Work
from headwater.packages.state import GOOD, Row, State
from headwater.parcel import Parcel
from headwater.sandbox import Limits
from headwater.telling import INTERRUPTED, SECONDS_TO_CANCEL, Telling, as_problem
from headwater.tests_command import LARGEST_TREE, STDIN, TestsCommand
from headwater.tests_options import OF_A_PACKAGE
from headwater.v1 import generate_tests_pb2 as pb
from headwater_client import AsyncClient, HeadwaterError
from headwater_client.request import generate_tests_request

FAILED, PARTLY = 1, 3
"""The exit codes where no test came of it, and where tests were written and some module could not be tested."""
LEAST_SECONDS = 1.0
"""The least share of a total budget: less is too little to look at a module."""
EXISTING_SECONDS = 120.0
"""How long the tests that exist may run unless it is said."""


def tests_command(**given: Any) -> TestsCommand | PackageCommand:
    """Makes the command that is meant: for one file, or for a package if there is anything that only packages have.

    Raises Problem INVALID_ARGUMENT for options that go together with neither, and tells it as a run would.
    """
    with Telling(as_json=given["as_json"]):
        return _meant(given)


def _meant(given: dict[str, Any]) -> TestsCommand | PackageCommand:
    own = {name: given.pop(name) for name in OF_A_PACKAGE}
    file, out = given["file"], given["out"]
    asked = [f"--{name.replace('_', '-')}" for name, value in own.items() if value]
    named = None if file == STDIN or file.exists() else find_named(str(file), Path(), given["python"])
    many = named is not None or file.is_dir() or (file != STDIN and out is not None and out.is_dir())
    if file == STDIN and asked:
        raise invalid("ARGUMENT_INVALID", asked[0], f"Code on stdin knows no {asked[0]}.", "Name a file or a folder.")
    if not many and not asked:
        return TestsCommand(**given)
    for name in ("symbols", "lines"):
        if given.pop(name):
            option = f"--{name.removesuffix('s') if name == 'symbols' else name}"
            raise invalid(
                "ARGUMENT_INVALID", option, f"{option} aims inside one file.", "Name a file, or leave it out."
            )
    return PackageCommand(**{**given, "file": named or file, "named": str(file)}, **own)


@dataclass(frozen=True, kw_only=True)
class PackageCommand:
    """The arguments of `headwater tests` for more than one module."""

    file: Path
    named: str
    """The folder or package as it was given."""
    out: Path | None
    root: Path | None
    python: Path | None
    framework: str | None
    budget: float | None
    executions: int | None
    seed: int | None
    target_count: int | None
    coverage_target: float | None
    provider: str | None
    model: str | None
    sandbox: str | None
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    jobs: int | None
    total_budget: float | None
    existing: tuple[Path, ...]
    no_existing: bool
    existing_seconds: float | None
    changed_since: str | None
    fresh: bool
    force: bool
    connect: Callable[[], AsyncClient] | None
    """Connects to the server that is asked; None for this process."""
    as_json: bool

    async def run(self) -> int:
        """Runs the command and returns its exit code. Raises the Problem or HeadwaterError that refuses it."""
        began = time.monotonic()
        with Telling(as_json=self.as_json), PackageTelling(as_json=self.as_json) as telling:
            out = self._checked_out()
            state = State(out, fresh=self.fresh)
            plan = await asyncio.to_thread(make_plan, self._wish(out), state)
            if plan.items:
                check_folder(out)
            if plan.items or self.as_json:
                telling.begin(self.named, plan, jobs=self._settings.max_runs)
            interrupted = False
            for item in plan.items:
                if item.row is not None:
                    telling.ended(item.row)
            try:
                if plan.pending:
                    await self._work(plan, state, telling)
            except asyncio.CancelledError:
                interrupted, task = True, asyncio.current_task()
                if task is not None:
                    task.uncancel()
            code = INTERRUPTED if interrupted else _exit_code(telling.rows)
            left = len(plan.items) - len(telling.rows)
            telling.summarise(code, left=left, seconds=time.monotonic() - began)
        if not self.as_json:
            self._say(plan, telling.rows, interrupted=interrupted)
        return code

    def _checked_out(self) -> Path:
        check_top(self.file)
        if self.out is None:
            remedy = "Add --out tests/, or name a single file and nothing that speaks of packages."
            raise invalid("OUT_NEEDED", "--out", "Tests of a package need a folder.", remedy)
        seconds = {
            "--budget": self.budget,
            "--total-budget": self.total_budget,
            "--existing-seconds": self.existing_seconds,
        }
        for option, value in seconds.items():
            if value is not None and not math.isfinite(value):
                message = f"{option} is a number of seconds."
                raise invalid("ARGUMENT_INVALID", option, message, f"Write {option} 10.")
        if self.budget is not None and self.total_budget is not None:
            message = "--budget is for each module, --total-budget for all of them together."
            raise invalid("ARGUMENT_INVALID", "--total-budget", message, "Give one of them.")
        if self.existing and self.no_existing:
            message = "--existing and --no-existing contradict each other."
            raise invalid("ARGUMENT_INVALID", "--no-existing", message, "Give one of them.")
        return self.out

    def _wish(self, out: Path) -> Wish:
        return Wish(
            top=self.file,
            out=out,
            root=self.root,
            include=self.include,
            exclude=self.exclude,
            existing=self.existing,
            no_existing=self.no_existing,
            changed_since=self.changed_since,
            fresh=self.fresh,
            force=self.force,
            options={
                **self._options,
                "budget": self.budget,
                "total_budget": self.total_budget,
                "no_existing": self.no_existing,
                "version": __version__,
            },
        )

    @property
    def _options(self) -> Mapping[str, Any]:
        """What every run is asked with, and no other field of a request says."""
        return {
            "framework": self.framework,
            "executions": self.executions,
            "seed": self.seed,
            "target_count": self.target_count,
            "coverage_target": self.coverage_target,
            "provider": self.provider.split(",") if self.provider else None,
            "model": self.model,
        }

    @cached_property
    def _settings(self) -> Settings:
        """The settings of a service in this process, but for the folders that it may read."""
        configure("warning")
        jobs = {"max_runs": self.jobs} if self.jobs is not None else {}
        return load_settings(store="sqlite://:memory:", on_disconnect="cancel", sandbox=self.sandbox, **jobs)

    async def _work(self, plan: Plan, state: State, telling: PackageTelling) -> None:
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(self.connect()) if self.connect is not None else None
            if client is not None:
                # A stream is resumed for a minute; a server that is not there is told at once.
                await client.list_providers("embedded")
            existing, local = Existing(), None
            if client is None or plan.tests:
                python = [self.python.absolute().parent] if self.python is not None else []
                settings = self._settings.model_copy(update={"allow_root": (*plan.roots, *python)})
                local = await stack.enter_async_context(opened(settings))
            if local is not None and plan.tests:
                telling.doing("running the tests that exist")
                existing = await self._existing(plan, local)
                telling.existing(existing)
            door: _Here | _There = _There(client) if client is not None else _Here(local)
            work = Work(door, state, telling, jobs=self._settings.max_runs, seconds_to_cancel=SECONDS_TO_CANCEL)
            await work.run(self._tasks(plan.pending, existing))

    async def _existing(self, plan: Plan, local: Local) -> Existing:
        settings = self._settings
        assert local.sandbox is not None
        return await run_tests(
            local.sandbox,
            plan.tests,
            [item.module.file for item in plan.pending],
            folder=plan.folder,
            roots=plan.roots,
            python=self.python.absolute() if self.python is not None else None,
            seconds=self.existing_seconds or EXISTING_SECONDS,
            limits=Limits(
                memory_bytes=settings.sandbox_memory_mb << 20,
                processes=settings.sandbox_processes,
                file_bytes=settings.sandbox_file_mb << 20,
                output_bytes=settings.sandbox_output_kb << 10,
            ),
        )

    def _tasks(self, items: Sequence[Item], existing: Existing) -> list[Task]:
        jobs, most = self._settings.max_runs, self._settings.max_budget_seconds
        budgets: Sequence[float | None] = [self.budget] * len(items)
        if self.total_budget is not None:
            budgets = shares(items, self.total_budget, jobs=jobs, least=LEAST_SECONDS, most=most)
        sources: dict[Path, Mapping[str, bytes]] = {}
        tasks: list[Task] = []
        for item, budget in zip(items, budgets, strict=True):
            module, covered = item.module, existing.covered.get(item.module.file)
            request = self._request(item, budget, sources)
            if covered is not None:
                branches = [pb.Branch(from_line=first, to_line=last) for first, last in covered.taken]
                request.covered.CopyFrom(pb.Covered(lines=covered.lines, branches=branches))
            before = covered.coverage if covered is not None else None
            task = Task(module=module, request=request, out=item.test_file, id=item.id, key=item.key, before=before)
            tasks.append(task)
        return tasks

    def _request(
        self, item: Item, budget: float | None, sources: dict[Path, Mapping[str, bytes]]
    ) -> pb.GenerateTestsRequest:
        """Makes a request; `sources` remembers what was read to be sent to a server."""
        module = item.module
        fields: Any = {**self._options, "budget": budget, "symbols": item.symbols, "path": module.path}
        if self.connect is None:
            python = str(self.python.absolute()) if self.python is not None else None
            fields |= {"root": str(module.root), "python": python}
            return generate_tests_request(None, None, fields)
        top = _sent(module)
        if top not in sources:
            parcel = Parcel(LARGEST_TREE, option="--root", remedy="Name a smaller folder, or work without --server.")
            prefix = f"{top.relative_to(module.root).as_posix()}/" if top != module.root else ""
            sources[top] = {f"{prefix}{path}": data for path, data in parcel.add_code(top, {".py"}).items()}
        files = {**sources[top], module.path: module.source}
        fields |= {"files": files, "python": str(self.python) if self.python is not None else None}
        return generate_tests_request(None, None, fields)

    def _say(self, plan: Plan, rows: Sequence[Row], *, interrupted: bool) -> None:
        """Says what to do next."""
        if not plan.items:
            click.echo(f"headwater: nothing changed since {self.changed_since}", err=True)
        elif interrupted:
            click.echo("headwater: cancelled; the same command goes on where this one stopped", err=True)
        elif any(row.file for row in rows):
            folders = [os.path.relpath(root) for root in plan.roots if root.name not in INSTALLED]
            paths = os.pathsep.join(folder for folder in folders if folder != os.curdir)
            python = self.python or "python"
            click.echo(f"Run them: {f'PYTHONPATH={paths} ' if paths else ''}{python} -m pytest {self.out}", err=True)


def _sent(module: Module) -> Path:
    """Returns the folder that is sent along with a module: of what is installed, the package alone."""
    package = module.root / Path(module.path).parts[0]
    return package if module.root.name in INSTALLED and package.is_dir() else module.root


def _exit_code(rows: Sequence[Row]) -> int:
    written = any(row.tests for row in rows)
    if any(row.verdict in {"failed", "cancelled"} for row in rows):
        return PARTLY if written else FAILED
    return 0 if written or all(row.verdict in GOOD for row in rows) else FAILED


class _Here:
    """Runs in this process."""

    def __init__(self, local: Local | None) -> None:
        assert local is not None
        self._local = local

    async def stream(self, request: pb.GenerateTestsRequest) -> AsyncGenerator[Message]:
        async with aclosing(self._local.stream("GenerateTests", request)) as events:
            async for event in events:
                yield event

    async def cancel(self, run: str) -> None:
        await self._local.cancel(run, "Ctrl-C")


class _There:
    """Runs on a server."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def stream(self, request: pb.GenerateTestsRequest) -> AsyncGenerator[Message]:
        try:
            async with aclosing(self._client.generate_tests(request=request)) as events:
                async for event in events:
                    yield event
        except HeadwaterError as failure:
            raise as_problem(failure) from None

    async def cancel(self, run: str) -> None:
        try:
            await self._client.cancel_run(run, "Ctrl-C")
        except HeadwaterError as failure:
            raise as_problem(failure) from None
