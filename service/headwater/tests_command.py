"""The command `headwater tests`: asks this process or a server, shows the events, writes the file."""

from __future__ import annotations

import asyncio
import math
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from google.protobuf.message import Message
from rich.console import Console

from headwater.errors import invalid
from headwater.gateway.frames import Frames
from headwater.show import Show, write_json
from headwater.store import EventRow
from headwater.v1 import generate_tests_pb2 as pb
from headwater_client import AsyncClient
from headwater_client.request import generate_tests_request

LARGEST_TREE = 32 << 20
"""Bytes of source that are sent to a server along with the file under test."""

SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "venv", "build", "dist"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TestsCommand:
    """The arguments of `headwater tests`."""

    file: Path
    out: Path | None
    root: Path | None
    python: Path | None
    symbols: tuple[str, ...]
    lines: str | None
    budget: float | None
    seed: int | None
    target_count: int | None
    coverage_target: float | None
    provider: str | None
    model: str | None
    sandbox: str | None
    server: str | None
    token: str | None
    as_json: bool

    async def run(self) -> int:
        """Runs the command and returns its exit code: 0 if there are tests."""
        self._check()
        async with self._events() as events:
            result = await follow(events, as_json=self.as_json)
        if result.complete is not None:
            self._write(result.complete)
        return result.exit_code

    def _check(self) -> None:
        """Refuses a budget that is no number, and a file that could not be written, before the work is done."""
        if self.budget is not None and math.isnan(self.budget):
            raise invalid("ARGUMENT_INVALID", "--budget", "A budget is a number of seconds.", "Write --budget 10.")
        if self.out is None:
            return
        folder = self.out.absolute().parent
        if not folder.is_dir() or not os.access(self.out if self.out.exists() else folder, os.W_OK):
            why = "is no folder" if not folder.is_dir() else "cannot be written to"
            raise invalid("OUT_UNUSABLE", "--out", f"{folder} {why}.", "Name a file in a folder that you may write to.")

    def _write(self, complete: pb.GenerateTestsComplete) -> None:
        if self.out is not None:
            self.out.write_text(complete.output, encoding="utf-8")
            click.echo(f"Wrote {self.out}", err=True)
        elif not self.as_json:
            click.echo(complete.output, nl=False)

    @asynccontextmanager
    async def _events(self) -> AsyncGenerator[AsyncIterator[Message]]:
        if self.server is not None:
            async with AsyncClient(self.server, token=self.token) as client:
                # A stream is resumed for a minute; a server that is not there is told at once.
                await client.list_providers("embedded")
                async with aclosing(client.generate_tests(request=self._remote_request())) as events:
                    try:
                        yield events
                    except asyncio.CancelledError:
                        # Leaving would only detach: whoever presses Ctrl-C wants the work to end.
                        if events.run:
                            await client.cancel_run(events.run, "Ctrl-C")
                        raise
            return
        from headwater.config import load_settings  # noqa: PLC0415 — the service is loaded by those who work here
        from headwater.local import opened  # noqa: PLC0415
        from headwater.logs import configure  # noqa: PLC0415

        configure("warning")
        roots = [self._root, *([self.python.absolute().parent] if self.python is not None else [])]
        settings = load_settings(
            store="sqlite://:memory:",
            allow_root=tuple(roots),
            sandbox=self.sandbox,
            on_disconnect="cancel",
            max_budget_seconds=max(self.budget, 300.0) if self.budget else None,
        )
        async with (
            opened(settings) as local,
            aclosing(local.stream("GenerateTests", self._local_request())) as events,  # type: ignore[type-var]
        ):
            yield events

    @property
    def _root(self) -> Path:
        """The folder that goes on the import path: the one above the outermost package, unless it is given."""
        if self.root is not None:
            return self.root.resolve()
        folder = self.file.resolve().parent
        while (folder / "__init__.py").is_file():
            folder = folder.parent
        return folder

    @property
    def _path(self) -> str:
        try:
            return self.file.resolve().relative_to(self._root).as_posix()
        except ValueError:
            message = f"{self.file} does not lie in {self._root}."
            raise invalid("SOURCE_OUTSIDE_ROOTS", "--root", message, "Name a folder above the file.") from None

    def _local_request(self) -> pb.GenerateTestsRequest:
        python = str(self.python.absolute()) if self.python is not None else None
        return self._request(root=str(self._root), path=self._path, python=python)

    def _remote_request(self) -> pb.GenerateTestsRequest:
        """Sends the file and, where it lies in a package or names a root, what lies beside it."""
        files = {self._path: self.file.read_bytes()}
        if self.root is not None or "/" in self._path:
            files |= _tree(self._root)
        python = str(self.python) if self.python is not None else None
        return self._request(path=self._path, files=files, python=python)

    def _request(self, **source: Any) -> pb.GenerateTestsRequest:
        fields = {
            **source,
            "symbols": self.symbols,
            "lines": _line_range(self.lines),
            "budget": self.budget,
            "seed": self.seed,
            "target_count": self.target_count,
            "coverage_target": self.coverage_target,
            "provider": self.provider.split(",") if self.provider else None,
            "model": self.model,
        }
        try:
            return generate_tests_request(None, None, fields)  # type: ignore[arg-type]
        except ValueError as error:
            raise invalid("ARGUMENT_INVALID", "arguments", f"An argument is out of range: {error}.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a stream came to."""

    complete: pb.GenerateTestsComplete | None
    exit_code: int


async def follow(events: AsyncIterator[Message], *, as_json: bool) -> Result:
    """Shows every event as it comes: for a person on stderr, or as NDJSON on stdout."""
    frames: Frames | None = None
    complete, kind = None, ""
    with Show(Console(stderr=True)) as show:
        async for event in events:
            message: Any = event
            kind = message.WhichOneof("event")
            if as_json:
                frames = frames or Frames(type(event))
                row = EventRow(message.sequence, kind, message.SerializeToString())
                write_json([row], frames.ndjson, sys.stdout.buffer)
            else:
                show(message)
            if kind == "complete":
                complete = message.complete
    return Result(complete=complete, exit_code=0 if kind == "complete" else 130 if kind == "cancelled" else 1)


def _tree(root: Path) -> Mapping[str, bytes]:
    """Reads the Python files below a folder. Raises Problem INVALID_ARGUMENT `SOURCE_TOO_LARGE`."""
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if any(part in SKIPPED or part.startswith(".") for part in parts[:-1]) or not path.is_file():
            continue
        files["/".join(parts)] = data = path.read_bytes()
        total += len(data)
        if total > LARGEST_TREE:
            message = f"The Python files below {root} are more than {LARGEST_TREE >> 20} MiB."
            raise invalid("SOURCE_TOO_LARGE", "--root", message, "Name a smaller folder, or work without --server.")
    return files


def _line_range(text: str | None) -> int | tuple[int, int] | None:
    if text is None:
        return None
    first, _, last = text.partition("-")
    try:
        return (int(first), int(last)) if last else int(first)
    except ValueError:
        message = f"{text!r} is no range of lines."
        raise invalid("RANGE_INVALID", "--lines", message, "Write 12 or 12-40.") from None
