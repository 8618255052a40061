"""Has the formatter break the lines that long names made too long.

The renderers write Python as the formatter would; names of any length are beyond that. What fits is left as it is.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace

from headwater.errors import Code, problem
from headwater.proof.machine import formatter
from headwater.synthesis.project.files import File
from headwater.synthesis.project.python import WIDTH, width

SECONDS = 10.0
"""How long one file may take."""


def formatted(files: Iterable[File]) -> Iterator[File]:
    """Yields the files, formatted where a line of Python is too long.

    Raises Problem FAILED_PRECONDITION `FORMATTER_MISSING`, and `FORMATTER_FAILED` where it cannot read a file.
    """
    for file in files:
        full = file.path.endswith(".py") and any(width(line) > WIDTH for line in file.text.splitlines())
        yield replace(file, text=_format(file)) if full else file


def _format(file: File) -> str:
    program = formatter()
    if program is None:
        raise problem(
            Code.FAILED_PRECONDITION,
            "FORMATTER_MISSING",
            "The formatter of generated code is not installed.",
            "Install the service with its extra: headwater[service] brings ruff.",
        )
    options = ("--isolated", "--no-cache", "--quiet", f"--line-length={WIDTH}", f"--stdin-filename={file.path}")
    try:
        done = subprocess.run(  # noqa: S603 — the program is ours, the file is its input
            [program, "format", *options, "-"],
            input=file.text.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise problem(
            Code.FAILED_PRECONDITION,
            "FORMATTER_FAILED",
            f"{file.path} could not be formatted: {error}.",
            "Use shorter names, and report the requirements that led to this.",
        ) from None
    return done.stdout.decode()
