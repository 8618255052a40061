"""Asks the whole service for tests in another language, with a vendor on a loopback socket that answers."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from headwater.config import load_settings
from headwater.local import Local, opened
from headwater.v1 import generate_tests_pb2 as pb
from tests.fakes.dialects import Play
from tests.fakes.vendors import FakeVendors, fake_vendors


@asynccontextmanager
async def serving(monkeypatch: Any, *roots: Path, **settings: Any) -> AsyncIterator[tuple[Local, FakeVendors]]:
    """Serves in this process, with the OpenAI wire led to the fake vendor."""
    async with fake_vendors() as vendors:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
        monkeypatch.setenv("OPENAI_BASE_URL", f"{vendors.url}/v1")
        given = {"store": "sqlite://:memory:", "on_disconnect": "cancel", "max_attempts": 1, **settings}
        async with opened(load_settings(allow_root=tuple(roots), **given)) as local:
            yield local, vendors


async def finished(*command: str, cwd: Path, **environment: str) -> tuple[int, str]:
    """Runs a program to its end; returns its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


async def command(folder: Path, vendors: FakeVendors, *arguments: str) -> tuple[int, str]:
    """Runs `headwater tests` in a folder, with the OpenAI wire led to the fake vendor."""
    return await finished(
        *(sys.executable, "-m", "headwater", "tests", *arguments, "--provider", "openai", "--model", "gpt-4o"),
        cwd=folder,
        OPENAI_API_KEY="sk-planted",
        OPENAI_BASE_URL=f"{vendors.url}/v1",
    )


def says(*texts: str) -> Play:
    return Play(texts=texts)


class Told:
    """What a run told."""

    def __init__(self, events: list[pb.GenerateTestsEvent]) -> None:
        self.events = events
        self.kinds = [event.WhichOneof("event") for event in events]
        self.tests = [event.test.test_case for event in events if event.HasField("test")]
        self.names = [each.test_name for each in self.tests]
        self.warnings = [event.warning for event in events if event.HasField("warning")]
        self.complete = events[-1].complete
        self.error = events[-1].error
        self.dropped = {each.test_name: each for each in self.complete.dropped}
        self.start = next(event.start for event in events if event.HasField("start"))


async def ask(local: Local, **fields: Any) -> Told:
    request = pb.GenerateTestsRequest(provider=["openai:gpt-4o"], **fields)
    async with aclosing(local.stream("GenerateTests", request)) as stream:
        return Told([event async for event in stream])
