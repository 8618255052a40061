"""The command `headwater tests`: asks this process or a server, shows the events, writes the file."""

from __future__ import annotations

import math
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from headwater.errors import invalid
from headwater.parcel import Parcel
from headwater.telling import Cancel, Telling, check_out, write
from headwater.v1 import generate_tests_pb2 as pb
from headwater_client import AsyncClient
from headwater_client.request import generate_tests_request

LARGEST_TREE = 32 << 20
"""Bytes of source that are sent to a server along with the file under test."""

SCRIPTS = frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"})
KIN: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(SCRIPTS, SCRIPTS | {".json"}),
    ".go": frozenset({".go", ".mod", ".sum"}),
}
"""The endings of the files that a file may need; Python's are its own."""
MANIFESTS: Mapping[str, tuple[str, ...]] = {**dict.fromkeys(SCRIPTS, ("package.json",)), ".go": ("go.mod",)}
"""The files that stand at the top of a project, by the ending of its code."""

STDIN = Path("-")
"""The name that means the code comes on stdin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestsCommand:
    """The arguments of `headwater tests`."""

    file: Path
    out: Path | None
    root: Path | None
    python: Path | None
    symbols: tuple[str, ...]
    lines: str | None
    framework: str | None
    budget: float | None
    executions: int | None
    seed: int | None
    target_count: int | None
    coverage_target: float | None
    provider: str | None
    model: str | None
    sandbox: str | None
    connect: Callable[[], AsyncClient] | None
    """Connects to the server that is asked; None for this process."""
    as_json: bool

    async def run(self) -> int:
        """Runs the command and returns its exit code. Raises the Problem or HeadwaterError that refuses it."""
        named = None if self.as_json else str(self.out or "")
        telling = Telling(as_json=self.as_json, named=named)
        with telling:
            self._check()
            async with self._source() as (events, cancel):
                code = await telling.follow(events, cancel)
            if telling.complete is not None:
                self._write(telling.complete)
        return code

    def _check(self) -> None:
        """Refuses what could not be read, searched or written, before any work is done."""
        if self.budget is not None and math.isnan(self.budget):
            raise invalid("ARGUMENT_INVALID", "--budget", "A budget is a number of seconds.", "Write --budget 10.")
        if self.file != STDIN and not self.file.is_file():
            why = "is a folder" if self.file.is_dir() else "cannot be read" if self.file.exists() else "does not exist"
            remedy = "Name a Python file, or - for code on stdin."
            raise invalid("SOURCE_NOT_FOUND", "FILE", f"{self.file} {why}.", remedy)
        if self.file == STDIN and self.root is not None:
            message = "Code on stdin lies in no folder, so there is nothing to do with --root."
            raise invalid("ARGUMENT_INVALID", "--root", message, "Name a file instead of -, or leave --root out.")
        if self.out is not None:
            check_out(self.out)

    def _write(self, complete: pb.GenerateTestsComplete) -> None:
        if self.out is not None or not self.as_json:
            write(complete.output, self.out)

    @asynccontextmanager
    async def _source(self) -> AsyncGenerator[tuple[AsyncIterator[Message], Cancel]]:
        """Opens the stream of a new run, on the server or in this process, with what cancels a run there."""
        if self.connect is not None:
            async with self.connect() as client:
                # A stream is resumed for a minute; a server that is not there is told at once.
                await client.list_providers("embedded")
                async with aclosing(client.generate_tests(request=self._remote_request())) as events:
                    yield aiter(events), client.cancel_run
            return
        from headwater.local import streamed  # noqa: PLC0415 — the service is loaded by those who work here

        roots = (self._root, *([self.python.absolute().parent] if self.python is not None else []))
        request = self._local_request()
        async with streamed("GenerateTests", request, allow_root=roots, sandbox=self.sandbox) as streaming:
            yield streaming

    @property
    def _root(self) -> Path:
        """The folder of the project, unless it is given.

        In Python the one that goes on the import path, above the outermost package; else the nearest above that holds
        the project's manifest.
        """
        if self.root is not None:
            return self.root.resolve()
        folder = self.file.resolve().parent
        manifests = MANIFESTS.get(self.file.suffix.lower(), ())
        for above in (folder, *folder.parents):
            if any((above / name).is_file() for name in manifests):
                return above
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
        if self.file == STDIN:
            return self._request(files=_read_stdin(), python=python)
        return self._request(root=str(self._root), path=self._path, python=python)

    def _remote_request(self) -> pb.GenerateTestsRequest:
        """Sends the file and, where it lies in a package or names a root, what lies beside it."""
        python = str(self.python) if self.python is not None else None
        if self.file == STDIN:
            return self._request(files=_read_stdin(), python=python)
        files = {self._path: self.file.read_bytes()}
        if self.root is not None or "/" in self._path:
            remedy = "Name a smaller folder, or work without --server."
            parcel = Parcel(LARGEST_TREE, option="--root", remedy=remedy)
            files |= parcel.add_code(self._root, KIN.get(self.file.suffix.lower(), {".py"}))
        return self._request(path=self._path, files=files, python=python)

    def _request(self, **source: Any) -> pb.GenerateTestsRequest:
        fields: Any = {
            **source,
            "symbols": self.symbols,
            "lines": _line_range(self.lines),
            "framework": self.framework,
            "budget": self.budget,
            "executions": self.executions,
            "seed": self.seed,
            "target_count": self.target_count,
            "coverage_target": self.coverage_target,
            "provider": self.provider.split(",") if self.provider else None,
            "model": self.model,
        }
        return generate_tests_request(None, None, fields)


def _read_stdin() -> Mapping[str, bytes]:
    return {"snippet.py": sys.stdin.buffer.read()}


def _line_range(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    first, _, last = text.partition("-")
    try:
        begin, end = int(first), int(last or first)
    except ValueError:
        begin, end = 0, 0
    if not 1 <= begin <= end:
        message = f"{text!r} is no range of lines."
        raise invalid("RANGE_INVALID", "--lines", message, "Write 12 or 12-40; lines count from 1.")
    return begin, end
