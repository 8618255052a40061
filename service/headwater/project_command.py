"""The command `headwater project`: asks this process or a server, shows the events, and writes the project."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, cast

import click
from google.protobuf.message import Message

from headwater.errors import invalid
from headwater.projects.lock import MANIFEST, PATH
from headwater.synthesis.project.hooks import HOOKS, TESTS
from headwater.telling import Cancel, Telling
from headwater.v1 import generate_project_pb2 as pb
from headwater_client import AsyncClient
from headwater_client.project import GenerateProjectFields, generate_project_request

UNPROVEN = 3
"""The exit code where the project was written and a rung of its proof failed."""
STDIN = "-"
BESIDE = ".new"
"""Ends the name of a file that is written beside one which the user has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectCommand:
    """The arguments of `headwater project`."""

    name: str | None
    description: str | None
    requirements: str
    out: Path
    proof: str | None
    frontend: str | None
    database: str | None
    deployment: tuple[str, ...]
    license: str | None
    provider: str | None
    model: str | None
    seed: int | None
    fresh: bool
    force: bool
    connect: Callable[[], AsyncClient] | None
    """Connects to the server that is asked; None for this process."""
    as_json: bool

    async def run(self) -> int:
        """Runs the command and returns its exit code. Raises the Problem or HeadwaterError that refuses it."""
        with Telling(as_json=self.as_json) as telling:
            request = self._request()
            heard = Heard()
            async with self._asked(request) as (events, cancel):
                code = await telling.follow(heard.listen(events), cancel)
            if telling.complete is None:
                return code
            written = Folder(self.out, force=self.force).put(heard)
        for line in written:
            click.echo(line, err=True)
        return code if telling.complete.result.success else UNPROVEN

    def _request(self) -> pb.GenerateProjectRequest:
        """Reads the requirements and what lies in the folder already, before any work is done."""
        if self.out.exists() and not self.out.is_dir():
            raise invalid("OUT_UNUSABLE", "--out", f"{self.out} is no folder.", "Name a folder, new or old.")
        lock = self.out / PATH
        again = lock.is_file() and not self.fresh
        if not again and not self.force and self.out.is_dir() and any(self.out.iterdir()):
            message = f"{self.out} holds something that was not generated."
            raise invalid("OUT_UNUSABLE", "--out", message, "Name another folder, or add --force to write beside it.")
        fields: GenerateProjectFields = {}
        given: Mapping[str, Any] = {
            "project_name": self.name,
            "description": self.description,
            "proof": self.proof,
            "frontend": self.frontend,
            "database": self.database,
            "deployment": self.deployment or None,
            "license": self.license,
            "provider": self.provider.split(",") if self.provider else None,
            "model": self.model,
            "seed": self.seed,
            "previous": lock.read_text(encoding="utf-8") if again else None,
        }
        fields.update({name: value for name, value in given.items() if value is not None})  # type: ignore[typeddict-item]
        return generate_project_request(_read(self.requirements), None, fields)

    @asynccontextmanager
    async def _asked(self, request: pb.GenerateProjectRequest) -> AsyncGenerator[tuple[AsyncIterator[Message], Cancel]]:
        """Opens the stream of a new run, on the server or in this process, with what cancels a run there."""
        if self.connect is not None:
            async with self.connect() as client:
                # A stream is resumed for a minute; a server that is not there is told at once.
                await client.list_providers("embedded")
                async with aclosing(client.generate_project(request=request)) as events:
                    yield aiter(events), client.cancel_run
            return
        from headwater.local import streamed  # noqa: PLC0415 — the service is loaded by those who work here

        async with streamed("GenerateProject", request, runs_code=self.proof != "none") as streaming:
            yield streaming


def _read(named: str) -> str:
    """Reads the requirements from a file or stdin. Raises Problem INVALID_ARGUMENT `REQUIREMENTS_NOT_FOUND`."""
    try:
        data = sys.stdin.buffer.read() if named == STDIN else Path(named).read_bytes()
        return data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        message = f"{named} could not be read: {why}."
        raise invalid(
            "REQUIREMENTS_NOT_FOUND", "--requirements", message, "Name a text file, or - for stdin."
        ) from None


class Heard:
    """The files that a stream tells of."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[pb.FileStart, str]] = {}
        self.removed: dict[str, str] = {}
        """Digests of files that the project does not hold any more, by path."""
        self._open: pb.FileStart | None = None
        self._text = ""

    async def listen(self, events: AsyncIterator[Any]) -> AsyncIterator[Message]:
        """Hands events on, and keeps files."""
        async for event in events:
            match event.WhichOneof("event"):
                case "file_start":
                    self._open, self._text = event.file_start, ""
                case "code_chunk":
                    self._text = self._text[: event.code_chunk.offset] + event.code_chunk.content
                case "file_end" if self._open is not None:
                    self.files[self._open.path] = (self._open, self._text)
                case "file_removed":
                    self.removed[event.file_removed.path] = event.file_removed.sha256
                case "reset":
                    self._withdraw(event.reset.scope)
                case _:
                    pass
            yield event

    def _withdraw(self, phase: str) -> None:
        for path in [path for path, (start, _) in self.files.items() if start.phase == phase]:
            del self.files[path]


class Folder:
    """The folder of a project. What a person has changed in it is never written over, unless that is asked for."""

    def __init__(self, top: Path, *, force: bool) -> None:
        self._top = top
        self._force = force
        self._known = _manifest(top / MANIFEST)

    def put(self, heard: Heard) -> list[str]:
        """Writes the files and says what was done. Raises Problem `OUT_UNUSABLE` and `PATH_REFUSED`."""
        targets = {path: self._target(path) for path in (*heard.files, *heard.removed)}
        try:
            theirs = self._theirs(targets, heard)
            told = [
                line
                for path in heard.files
                for line in (self._offer if path in theirs else self._write)(targets[path], *heard.files[path])
            ]
            told += [line for path, digest in heard.removed.items() for line in self._remove(targets[path], digest)]
        except OSError as error:
            message = f"{error.filename or self._top} could not be written: {error.strerror}."
            raise invalid("OUT_UNUSABLE", "--out", message, "Make room, or name another folder.") from None
        return [*told, f"Wrote {self._top} ({len(heard.files)} files)", *self._next()]

    def _target(self, path: str) -> Path:
        parts = PurePosixPath(path)
        target = self._top.joinpath(*parts.parts)
        inside = target.resolve().is_relative_to(self._top.resolve())
        if parts.is_absolute() or ".." in parts.parts or not inside:
            message = f"The project names {path[:200]!r}, which lies outside of its folder."
            raise invalid("PATH_REFUSED", "--out", message, "Do not trust this server.")
        return target

    def _theirs(self, targets: Mapping[str, Path], heard: Heard) -> frozenset[str]:
        """Returns the files of hooks if one of them is there and another one: code and tests of hooks go together."""
        if TESTS not in heard.files:
            return frozenset()
        pair = {path: targets[path] for path in (HOOKS, TESTS) if path in targets and targets[path].is_file()}
        changed = any(target.read_bytes() != heard.files[path][1].encode() for path, target in pair.items())
        return frozenset({HOOKS, TESTS}) if changed else frozenset()

    def _offer(self, target: Path, start: pb.FileStart, text: str) -> Iterator[str]:
        content = text.encode()
        if target.is_file() and target.read_bytes() == content:
            return
        beside = target.with_name(f"{target.name}{BESIDE}")
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        yield f"Left {start.path} to you; the hooks that were accepted are in {beside.name}"

    def _write(self, target: Path, start: pb.FileStart, text: str) -> Iterator[str]:
        content = text.encode()
        there = target.read_bytes() if target.is_file() else None
        if there == content or (start.custom and there is not None):
            return
        # The manifest cannot hold its own digest, and is nobody's to change.
        ours = start.path == MANIFEST or there is None or _sha256(there) == self._known.get(start.path)
        if not ours and not self._force:
            target = target.with_name(f"{target.name}{BESIDE}")
            yield f"Kept {start.path}, which was changed here; what was generated is in {target.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def _remove(self, target: Path, digest: str) -> Iterator[str]:
        if not target.is_file():
            return
        if _sha256(target.read_bytes()) == digest:
            target.unlink()
        else:
            yield f"Kept {target.relative_to(self._top)}, which was changed here and is not generated any more"

    def _next(self) -> Iterator[str]:
        if (self._top / "Makefile").is_file():
            yield f"Next: cd {self._top} && make install && make run"


def _manifest(path: Path) -> Mapping[str, str]:
    """Reads the digests of what was generated before; a manifest that cannot be read knows of nothing."""
    try:
        found: Any = json.loads(path.read_bytes())
    except (OSError, ValueError):  # a new folder, or one whose manifest somebody has broken: every file is kept
        return {}
    files: Any = cast("Mapping[str, Any]", found).get("files") if isinstance(found, dict) else None
    return cast("Mapping[str, str]", files) if isinstance(files, dict) else {}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
