"""Formats a test module with ruff."""

from __future__ import annotations

import asyncio
import shutil
import sysconfig
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired

from headwater.errors import Code, problem

LINE_LENGTH = 100
SECONDS = 30.0


async def tidy(code: str, *, ruff: Path | None = None, line_length: int = LINE_LENGTH, seconds: float = SECONDS) -> str:
    """Returns the code formatted, its imports sorted and those that nothing uses removed.

    Code that ruff cannot parse, or not within `seconds`, is returned as it is. `ruff` is the program; the installed one
    when None. Raises Problem FAILED_PRECONDITION `FORMATTER_MISSING`. Cancelled, it ends the program.
    """
    program = ruff or _installed()
    options = ("--isolated", "--no-cache", "--quiet", f"--line-length={line_length}", "--stdin-filename=test_module.py")
    checked = await filtered(code, seconds, program, "check", "--select=I,F401", "--fix", "--exit-zero", *options, "-")
    formatted = None if checked is None else await filtered(checked, seconds, program, "format", *options, "-")
    return code if formatted is None else formatted


async def filtered(text: str, seconds: float, program: Path, *arguments: str) -> str | None:
    """Returns what the program prints; None when it refuses the text or takes too long.

    A thread feeds it: the event loop's own pipes break when a program ends before its input is written.
    """
    starting = asyncio.ensure_future(
        asyncio.to_thread(Popen[bytes], [program, *arguments], stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
    )
    try:
        process = await asyncio.shield(starting)
    except asyncio.CancelledError:
        starting.add_done_callback(_end)  # the thread goes on, and starts what nobody waits for
        raise
    except OSError as error:
        raise problem(
            Code.FAILED_PRECONDITION,
            "FORMATTER_MISSING",
            f"The formatter cannot be started: {error.strerror}.",
            "Install the service with its extra: headwater[service] brings ruff.",
        ) from None
    try:
        printed, _ = await asyncio.to_thread(process.communicate, text.encode(), seconds)
    except TimeoutExpired:
        with process:  # closes its pipes, which are left open here
            process.kill()
        return None
    finally:
        # Both do nothing to a program that has ended; one that has not is gone before the caller goes on.
        process.kill()
        process.wait()
    return printed.decode() if process.returncode == 0 else None


def _end(started: asyncio.Future[Popen[bytes]]) -> None:
    if not started.cancelled() and started.exception() is None:
        with started.result() as process:
            process.kill()


def _installed() -> Path:
    beside = Path(sysconfig.get_path("scripts")) / "ruff"
    return beside if beside.exists() else Path(shutil.which("ruff") or beside)
