"""Runs one program in the work folder, and tells how it ended and what it printed.

The request: `argv`, `cwd` below the work folder, `environment` beside the sandbox's own, `seconds`, the most
`output_bytes` that are sent, and `links`: folders to make with a link to each entry of another.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Callable  # noqa: UP035 — runs under 3.9 as well

PRINTED = ".printed"


def main(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """Runs the program."""
    work = Path.cwd()
    for made, source in request["links"].items():
        _link(work / made, Path(source))
    printed = work / PRINTED
    began = time.monotonic()
    with printed.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 — the host says what to run
            request["argv"],
            cwd=work / request["cwd"],
            env={**os.environ, **request["environment"]},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        code = None
        try:
            code = process.wait(request["seconds"])
        except subprocess.TimeoutExpired:
            code = None
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # all of it has ended
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    said = printed.read_bytes()
    printed.unlink()
    send(
        {
            "code": code,
            "seconds": time.monotonic() - began,
            "sha256": hashlib.sha256(said).hexdigest(),
            "output": said[-request["output_bytes"] :].decode(errors="replace").replace(f"{work}/", ""),
        }
    )


def _link(made: Path, source: Path) -> None:
    made.mkdir(parents=True, exist_ok=True)
    for entry in source.iterdir():
        if entry.name.startswith("."):
            continue  # what tools keep beside the packages, and write to
        with contextlib.suppress(FileExistsError):
            (made / entry.name).symlink_to(entry)
