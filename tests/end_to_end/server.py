"""A server process of a test: started on free ports, killed, stopped, restarted on the same ports and store."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import httpx
import psutil

from headwater.proof.places import free_port

SECONDS = 60.0
"""The longest that a test waits for anything; nothing takes nearly as long unless it is broken."""

_ANNOUNCED = re.compile(r"gRPC on (?P<grpc>\S+:\d+) and HTTP on (?P<http>https?://\S+:\d+)")

_T = TypeVar("_T")


class Server:
    """A `headwater serve` of its own; its home, store, temporary files and log lie in one folder."""

    def __init__(self, folder: Path, *options: str, environment: Mapping[str, str] | None = None) -> None:
        """Does not start yet. `options` come last on the command line, so that they win."""
        self.folder = folder
        self.store = f"sqlite://{folder}/journal.db"
        """The journal; the default's when empty."""
        self.grpc = ""
        """Where the gRPC face listens: `host:port`."""
        self.http = ""
        """Where the HTTP face listens: `http://host:port`."""
        self._options = options
        self._environment = clean_environment(folder / "home") | dict(environment or {})
        self._process: psutil.Popen | None = None
        self._family: dict[int, psutil.Process] = {}
        self._log = folder / "server.log"

    def start(self) -> Server:
        """Starts the process and waits until it serves."""
        # Ports that the system gives to no connection while the server is down, so that it can come back on them.
        grpc_port, http_port = (address.rpartition(":")[2] or str(free_port()) for address in (self.grpc, self.http))
        command = [sys.executable, "-m", "headwater", "serve", "--grpc-port", grpc_port, "--http-port", http_port]
        command += [*(["--store", self.store] if self.store else []), "--log-level", "debug", *self._options]
        with self._log.open("ab") as log:
            self._process = psutil.Popen(
                command, stdout=subprocess.PIPE, stderr=log, env=self._environment, cwd=self.folder
            )
        found = _ANNOUNCED.search(self._first_line())
        if found is None:
            self.close()
            raise AssertionError(f"the server did not start:\n{self.log}")
        self.grpc, self.http = found["grpc"], found["http"]
        return self

    def kill(self) -> None:
        """Ends the process at once, as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ends the process as a supervisor would, and returns its exit code."""
        return self._end(signal.SIGTERM)

    def tell(self, number: signal.Signals) -> None:
        """Sends a signal and does not wait."""
        self._notice_family()
        assert self._process is not None
        self._process.send_signal(number)

    def ended(self) -> int:
        """Waits for the end of the process and returns its exit code."""
        assert self._process is not None
        code = self._process.wait(SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code

    def restart(self) -> Server:
        """Starts again on the same ports and store."""
        return self.start()

    def leftovers(self) -> list[str]:
        """Says which processes of an ended server are still there after a while."""
        _, alive = psutil.wait_procs(self._family.values(), timeout=10)
        found: list[str] = []
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.status() != psutil.STATUS_ZOMBIE:
                    found.append(f"{process.pid} {process.cmdline()}")
        return found

    def close(self) -> None:
        """Ends the process and whatever it left behind, by whatever it takes."""
        try:
            if self._process is not None and self._process.is_running():
                self._end(signal.SIGTERM)
        finally:
            for process in self._family.values():
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()

    @property
    def log(self) -> str:
        """What the process wrote to stderr."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def metrics(self) -> dict[str, float]:
        """Reads /metrics: the values by `name{labels}` as the page spells them."""
        page = httpx.get(f"{self.http}/metrics", timeout=SECONDS).text
        rows = (line.rpartition(" ") for line in page.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in rows}

    def _end(self, number: signal.Signals) -> int:
        self.tell(number)
        try:
            return self.ended()
        except psutil.TimeoutExpired:
            assert self._process is not None
            self._process.kill()
            self.ended()
            raise AssertionError(f"the server did not end on {number.name}:\n{self.log[-4000:]}") from None

    def _notice_family(self) -> None:
        assert self._process is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            self._family |= {child.pid: child for child in self._process.children(recursive=True)}

    def _first_line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        line, deadline = b"", time.monotonic() + SECONDS
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            read = os.read(self._process.stdout.fileno(), 1) if ready else b""
            if not read:
                break
            line += read
        return line.decode()


def clean_environment(home: Path) -> dict[str, str]:
    """Makes the environment of a fresh user: an empty home, nothing set."""
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return {"HOME": str(home), "TMPDIR": str(temporary), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def command_line(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs `headwater …` to its end, in a folder and with a home beside it."""
    return subprocess.run(
        [sys.executable, "-m", "headwater", *arguments],
        cwd=folder,
        env=clean_environment(folder.with_name(f"{folder.name}-home")) | dict(environment or {}),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def eventually(look: Callable[[], _T], what: str, seconds: float = SECONDS) -> _T:
    """Looks again and again until there is something true, and returns it."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"never came true: {what}"
        time.sleep(0.02)
    return found
