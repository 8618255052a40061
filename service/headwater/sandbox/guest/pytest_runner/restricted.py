"""Tells errors that the sandbox caused from those of the code itself."""

from __future__ import annotations

import errno
import os
import resource
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_CAUSES = 20
"""How far a chain of causes is followed; it may be a ring."""
_NETWORK = ("socket.py", "ssl.py", "asyncio", "http", "urllib", "selector_events.py")
_PROCESSES = ("subprocess.py", "multiprocessing", "popen_fork.py", "threading.py")
_OF_THE_VIEW = (errno.EPERM, errno.EACCES, errno.EROFS)


def restricted(error: BaseException) -> str:
    """Returns what the sandbox forbids that this error, or one that led to it, came of; empty where it did not.

    An error counts only with the kernel's number in it: code that raises a PermissionError of its own has none.
    """
    for each in _chain(error):
        if forbidden := _forbidden(each):
            return f"the sandbox forbids {forbidden}"
    return ""


def _forbidden(error: BaseException) -> str:
    forbidden = ""
    if type(error) is MemoryError and not error.args:
        forbidden = _memory()
    elif isinstance(error, RuntimeError) and str(error) == "can't start new thread":
        forbidden = "so many threads"
    elif isinstance(error, OSError) and type(error).__name__ == "gaierror":
        forbidden = "network access"
    elif isinstance(error, OSError) and error.errno in _OF_THE_VIEW:
        forbidden = _access(error)
    elif isinstance(error, OSError) and error.errno == errno.EAGAIN and _came_from(error, _PROCESSES, ("fork",)):
        forbidden = "so many processes"
    elif isinstance(error, OSError) and error.errno == errno.EMFILE:
        forbidden = "so many open files"
    elif isinstance(error, OSError) and error.errno == errno.EFBIG:
        forbidden = "files of that size"
    return forbidden


def _access(error: OSError) -> str:
    if error.filename is not None:
        path = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else ""
        return "" if not path or _is_own(path) else f"access to {path}"
    if error.errno == errno.EROFS:
        return "writing there"
    return "network access" if _came_from(error, _NETWORK, ("socket", "connect", "bind")) else "this system call"


def _is_own(path: str) -> bool:
    """Tells whether the folder of a path is the code's own to write to, so that its mode is its own doing."""
    return os.access(os.path.dirname(os.path.abspath(path)), os.W_OK)


def _memory() -> str:
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    return "" if most == resource.RLIM_INFINITY else "so much memory"


def _came_from(error: BaseException, files: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Tells whether the innermost frame is of one of these files or packages, or of a function that uses a name."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    code = trace.tb_frame.f_code
    return any(part in files for part in code.co_filename.split(os.sep)[-2:]) or any(n in code.co_names for n in names)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yields an error and what led to it, however it was wrapped."""
    pending, seen = [error], list[BaseException]()
    while pending and len(seen) < _MOST_CAUSES:
        each = pending.pop()
        if any(each is other for other in seen):
            continue
        seen.append(each)
        yield each
        causes = (
            each.__cause__,
            (None if each.__suppress_context__ else each.__context__),
            getattr(each, "reason", None),
        )
        pending.extend(cause for cause in causes if isinstance(cause, BaseException))
