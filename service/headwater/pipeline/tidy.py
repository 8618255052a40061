"""Formats a test module with ruff."""

from __future__ import annotations

import asyncio
import shutil
import sysconfig
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from headwater.errors import Code, problem

LINE_LENGTH = 100


async def tidy(code: str, *, ruff: Path | None = None, line_length: int = LINE_LENGTH) -> str:
    """Returns the code formatted, its imports sorted and those that nothing uses removed.

    Code that ruff cannot parse is returned as it is. `ruff` is the program; the installed one when None. Raises Problem
    FAILED_PRECONDITION `FORMATTER_MISSING`. Cancelled, it ends the program.
    """
    program = ruff or _installed()
    options = ("--isolated", "--no-cache", "--quiet", f"--line-length={line_length}", "--stdin-filename=test_module.py")
    checked = await _run(code, program, "check", "--select=I,F401", "--fix", "--exit-zero", *options, "-")
    formatted = None if checked is None else await _run(checked, program, "format", *options, "-")
    return code if formatted is None else formatted


async def _run(text: str, program: Path, *arguments: str) -> str | None:
    """Returns what the program prints; None when it refuses the text."""
    try:
        process = await asyncio.create_subprocess_exec(program, *arguments, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
    except OSError as error:
        raise problem(
            Code.FAILED_PRECONDITION,
            "FORMATTER_MISSING",
            f"The formatter cannot be started: {error.strerror}.",
            "Install the service with its extra: headwater[service] brings ruff.",
        ) from None
    try:
        printed, _ = await process.communicate(text.encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return printed.decode() if process.returncode == 0 else None


def _installed() -> Path:
    beside = Path(sysconfig.get_path("scripts")) / "ruff"
    return beside if beside.exists() else Path(shutil.which("ruff") or beside)
