"""What went wrong, in a few lines for whoever must repair it."""

# Plain os calls, since the code under test may patch pathlib, and each of these runs once per test or file.
from __future__ import annotations

import inspect
import linecache
import os
import re
import sysconfig
import traceback
from typing import TYPE_CHECKING, Any

import _pytest
import coverage
import pytest

from .restricted import restricted

if TYPE_CHECKING:
    from types import CodeType

    from .job import Job


def explain(error: BaseException, job: Job, home: str) -> dict[str, Any]:
    """Returns `kind`, `name` of a missing module, `detail` and the innermost `line` of the file `home` that led there.

    The detail is the message, with pytest's explanation of a failed assertion, and the user's own frames; `restricted`
    says what the sandbox forbids, where that is the cause, and so does the message.
    """
    # Source lines are read for the user's frames only: pytest's own are many, and each file of them costs milliseconds.
    frames = [
        (frame.f_code, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if not _is_foreign(frame.f_code.co_filename)
    ]
    lines = [number for code, number in frames if os.path.realpath(code.co_filename) == home]
    if isinstance(error, SyntaxError) and error.filename and os.path.realpath(error.filename) == home:
        lines.append(error.lineno or 0)
    where = [_place(code, number) for code, number in frames[-job.detail_frames :]]
    forbidden = restricted(error)
    told = f"{_message(error)} ({forbidden})" if forbidden else _message(error)
    message = clip(job.known(told), job.detail_chars - sum(len(place) + 1 for place in where))
    return {
        "kind": type(error).__name__,
        "name": error.name if isinstance(error, ModuleNotFoundError) else None,
        "detail": clip("\n".join([message, *where]), job.detail_chars),
        "line": lines[-1] if lines else None,
        "restricted": job.known(forbidden),
    }


def clip(text: str, limit: int) -> str:
    """Cuts a text to at most `limit` characters."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def _message(error: BaseException) -> str:
    if isinstance(error, pytest.FixtureLookupError):
        return f"fixture {error.argname!r} not found"
    if isinstance(error, SystemExit):
        return f"SystemExit: the code ended the interpreter with {error.code!r}"
    # Survives an exception whose own __str__ raises. Addresses go, so that the same failure reads the same.
    return _ADDRESS.sub("", "".join(traceback.format_exception_only(type(error), error)).strip())


def _place(code: CodeType, number: int) -> str:
    line = linecache.getline(code.co_filename, number).strip()
    return f"{os.path.basename(code.co_filename)}:{number} in {code.co_name}: {line}"


def _is_foreign(filename: str) -> bool:
    """Tells whether a frame belongs to the machinery: this runner, pytest, coverage or the standard library."""
    if filename.startswith("<"):
        return filename.startswith("<frozen")
    path = os.path.realpath(filename)
    if path.startswith(_MACHINERY):
        return True
    return path.startswith(_STANDARD_LIBRARY) and "-packages" + os.sep not in path


_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_MACHINERY = tuple(
    os.path.join(os.path.dirname(os.path.realpath(file)), "")
    for file in (__file__, pytest.__file__, _pytest.__file__, inspect.getfile(type(pytest.hookimpl)), coverage.__file__)
)
_STANDARD_LIBRARY = os.path.join(os.path.realpath(sysconfig.get_path("stdlib")), "")
