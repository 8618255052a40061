"""Whatever a stranger's program does, its verdict is the right one, the host is unharmed, and nothing of it is left.

Each level that exists here is tried as the user who runs the tests, and, where that is root, as a plain user too: a
driver (`drive.py`) hosts the sandbox in a process of that user and tries one hostile program after the other.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

pytestmark = pytest.mark.alone

HERE = Path(__file__).parent
CORPUS = sorted(each.stem for each in (HERE / "hostile").glob("*.py"))
NOBODY = 65534
LIMITS = {
    "wall_seconds": 60,
    "cpu_seconds": 10,
    "memory_bytes": 256 << 20,
    "processes": 24,
    "file_bytes": 8 << 20,
    "output_bytes": 100_000,
    "message_bytes": 1_000_000,
    "sent_bytes": 5_000_000,
}
LIMITS_OF = {
    "cpu_burner": {"cpu_seconds": 1},
    "memory_tree": {"wall_seconds": 5},  # where the kernel ends some of its processes, the others wait for them
    **{name: {"wall_seconds": 2} for name in ("endless_loop", "forged_end", "fork_storm", "sleeper", "stopped")},
}
"""Whoever never ends has little time; the others have what a busy machine may need."""

EXPECTED: dict[str, tuple[str, str]] = {
    "bad_habits": ("done", ""),
    "big_file": ("crashed", "File too large"),
    "big_files": ("output", "more files than the work folder may hold"),
    "closed_pipe": ("crashed", "exit status 1"),
    "cpu_burner": ("timeout", "1 s of CPU time"),
    "deep_tree": ("done", ""),
    "endless_loop": ("timeout", "2 s of wall time"),
    "false_success": ("crashed", "exit status 0"),
    "forged_end": ("timeout", "2 broken messages were dropped"),
    "fork_bomb": ("done", ""),
    "fork_storm": ("timeout", "2 s of wall time"),
    "garbage": ("done", "broken messages were dropped"),
    "hard_exit": ("crashed", "exit status 7"),
    "harmless": ("done", ""),
    "kernel_buffers": ("memory", "more than 256 MiB of memory"),
    "identity": ("done", ""),
    "kill_everyone": ("done", ""),
    "link_trap": ("done", ""),
    "long_message": ("output", "a message of more than 1000000 bytes"),
    "many_files": ("output", "more files than the work folder may hold"),
    "memory_hog": ("memory", "MemoryError"),
    "memory_tree": ("memory", "more than 256 MiB of memory"),
    "message_flood": ("output", "messages of more than 5000000 bytes together"),
    "neighbours": ("done", ""),
    "network": ("done", ""),
    "orphans": ("done", ""),
    "output_flood": ("output", "printed more than 100000 bytes"),
    "privileges": ("done", ""),
    "raises": ("crashed", "Odd"),
    "reserved_disk": ("done", ""),
    "raises_at_import": ("crashed", "RuntimeError: at import"),
    "secrets": ("done", ""),
    "segfault": ("crashed", "SIGSEGV"),
    "sleeper": ("timeout", "2 s of wall time"),
    "stopped": ("timeout", "2 s of wall time"),
    "system_exit": ("crashed", "exit status 3"),
    "unix_sockets": ("done", ""),
    "writing": ("done", ""),
}


class Driver:
    """A host process, as one user, at one level."""

    def __init__(self, level: str, user: int | None, folder: Path) -> None:
        python = sys.executable if user is None and level != "landlock" else _python_for_all()
        self._process = subprocess.Popen(
            [python, str(HERE / "drive.py"), level, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            env={
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "HOME": str(folder.parent),
                "HEADWATER_MARKER": f"marker-{os.getpid()}",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        self.opened = self._answer()

    def try_guest(self, name: str) -> dict[str, Any]:
        """Has it run one hostile program, with harmless ones after it."""
        order = {"guest": name, "limits": {**LIMITS, **LIMITS_OF.get(name, {})}}
        commands = self._pipe(self._process.stdin)
        commands.write(json.dumps(order) + "\n")
        commands.flush()
        return self._answer()

    def close(self) -> dict[str, Any] | None:
        """Ends it; returns what was left, if it had come so far as to have something."""
        self._pipe(self._process.stdin).close()
        last = self._pipe(self._process.stdout).read()
        self._pipe(self._process.stdout).close()
        assert self._process.wait() == 0
        return json.loads(last) if last else None

    def _answer(self) -> dict[str, Any]:
        line = self._pipe(self._process.stdout).readline()
        assert line, "the host did not survive"
        return json.loads(line)

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((level, identity), id=f"{level}-{identity}")
        for level in ("namespaces", "bubblewrap", "landlock")
        for identity in ("current", "nobody")
    ],
)
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    level, identity = request.param
    user = NOBODY if identity == "nobody" else None
    if user is not None and os.geteuid() != 0:
        pytest.skip("only root can become another user")
    if level == "bubblewrap" and shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    with tempfile.TemporaryDirectory(prefix="hw") as name:
        folder = Path(name) / "f"
        folder.mkdir()
        for each in (folder, folder.parent):
            each.chmod(0o755)
            os.chown(each, os.geteuid() if user is None else user, -1)
        driver = Driver(level, user, folder)
        if driver.opened["level"] != level:
            driver.close()
            pytest.skip(f"{level} does not hold here: {driver.opened['report']}")
        yield driver
        rest = driver.close()
        assert rest == {"left": [], "kept": []}


def test_the_table_names_the_whole_corpus() -> None:
    """A hostile program without an expected verdict would be tried by nobody."""
    assert sorted(EXPECTED) == CORPUS


@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_program_is_told_from_a_good_one_and_does_no_harm(driver: Driver, name: str) -> None:
    """Its verdict is right, no attempt succeeds, the host is as before, and the next guests are not touched."""
    answer = driver.try_guest(name)
    outcome, detail = EXPECTED[name]
    assert (answer["outcome"], detail in answer["detail"]) == (outcome, True), answer
    assert [each for each in answer["said"] if "breach" in each] == []
    assert answer["sprung"] == []
    assert answer["left"] == []
    assert answer["lost"] == []
    assert [each["outcome"] for each in answer["after"]] == ["done", "done"], answer["after"]
    assert answer["printed"] <= LIMITS["output_bytes"]


def _python_for_all() -> str:
    """Finds a Python that every user of this host may run."""
    for found in ("/usr/bin/python3", "/usr/local/bin/python3"):
        if Path(found).exists():
            check = "import sys; sys.exit(sys.version_info < (3, 11))"
            if subprocess.run([found, "-c", check], check=False).returncode == 0:
                return found
    pytest.skip("no Python 3.11 that every user may run")
