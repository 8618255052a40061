"""What the tests of the writer share: a guest in a process of its own, and pytest on what was written."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from headwater.providers import Delta, LeftOut, Note, Reached, Task
from headwater.providers.embedded import Embedded
from tests.synthesis.beside import Beside

RESERVE = 100.0
"""Seconds that a search has: many more than its calls take, on a busy machine as well."""
CALLS = 4800
"""Calls that a search has."""
PACE = 300
"""Calls for which a solver has a second's share of paths."""
SHUFFLE = """
import os, random
def pytest_collection_modifyitems(items):
    if os.environ.get("ORDER"):
        random.Random(os.environ["ORDER"]).shuffle(items)
"""


@dataclass
class Answer:
    """All that a provider streamed."""

    text: str = ""
    notes: list[Note] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    reached: list[Reached] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    stopped_by: str = ""

    def take(self, delta: Delta) -> None:
        self.text += delta.text
        self.notes += delta.notes
        self.left_out += delta.left_out
        self.reached += [delta.reached] if delta.reached else []
        self.warnings += [delta.warning] if delta.warning else []
        self.stopped_by = delta.stopped_by or self.stopped_by


class Project(Beside):
    """A folder with a module under test."""

    def __init__(self, root: Path) -> None:
        self.root = root
        super().__init__(root, self.environment())

    def write(self, name: str, source: str) -> None:
        (self.root / name).write_text(source)

    def task(self, module: str, **options: Any) -> Task:
        path = f"{module}.py"
        source = (self.root / path).read_text() if (self.root / path).exists() else ""
        options = {"budget_seconds": RESERVE, "executions": CALLS, **options}
        return Task(source=source, path=path, module=module, explore=self.explore, **options)

    async def ask(self, module: str, settings: Mapping[str, Any] | None = None, **options: Any) -> Answer:
        answer = Answer()
        async for delta in Embedded(settings={"pace": PACE, **(settings or {})}).stream(self.task(module, **options)):
            answer.take(delta)
        return answer

    async def run(self, text: str, order: str = "") -> tuple[int, str]:
        """Runs pytest on a text in a fresh process; returns its exit status and what it printed."""
        self.write("test_written.py", text)
        self.write("conftest.py", SHUFFLE)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(self.root),
            "test_written.py",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=self.root,
            env={**self.environment(), "ORDER": order, "PYTHONHASHSEED": order or "0"},
        )  # fmt: skip
        output, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, output.decode()

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self.root),
            "TMPDIR": str(self.root),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return shop_in(tmp_path)


def shop_in(folder: Path) -> Project:
    """Puts the sample module into a folder."""
    project = Project(folder)
    project.write("shop.py", (Path(__file__).parent / "samples" / "shop.py").read_text())
    return project


@pytest.fixture
def event() -> Callable[..., dict[str, Any]]:
    """Makes a `cases` event of one call of `parse(text)`."""

    def make(**changes: Any) -> dict[str, Any]:
        case = {
            "symbol": "parse", "style": "call", "callee": "parse", "owner": "", "receiver": "", "before": [],
            "args": [{"name": "text", "how": "positional", "text": "''"}], "wrap": "",
            "checks": [["result", "is", "None"]], "error": "", "message": "", "output": "",
            "basis": "characterization", "basis_detail": "", **changes,
        }  # fmt: skip
        names = {"parse": ["words", "parse"]}
        return {"event": "cases", "symbol": "parse", "cases": [case], "left_out": [], "names": names}

    return make
