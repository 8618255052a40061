"""One piece of work in a fork that is listened to, and killed when it says nothing for too long."""

from __future__ import annotations

import json
import os
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from os import _exit, close, fork, getpid, kill, killpg, pipe, read, setsid, waitid, waitpid, write
from select import POLLHUP, POLLIN, poll
from signal import SIGKILL, Signals
from time import monotonic, sleep
from typing import Any

Say = Callable[[dict[str, Any]], None]

# Names are bound here, before the module under test can replace what `os`, `time` and `json` hold.
_dumps, _loads = json.dumps, json.loads

_TICK_SECONDS = 0.05
"""How often a silent fork is looked at: a process that it left behind may hold its pipe open after its end."""
_BLINK_SECONDS = 0.0002
"""Between two looks at a fork that has closed its pipe, which is the last thing that most do."""
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Heard:
    """What a fork said, and why it ended before it was done."""

    messages: list[dict[str, Any]] = field(default_factory=list["dict[str, Any]"])
    timed_out: bool = False
    crash: str = ""
    """Such as `SIGSEGV` or `exit status 3`; empty when it was done or ran out of time."""
    seconds: float = 0.0


def listen(body: Callable[[Say], None], *, silence: float, total: float) -> Heard:
    """Runs `body` in a fork, in a session of its own, until it returns.

    It is killed with its process group after `silence` seconds without a message, or after `total` seconds. Whatever it
    leaves running in its group is killed too.
    """
    began = monotonic()
    reader, writer = pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python 3.12 warns of threads; a lock that they hold ends in the deadline.
        child = fork()
    if child == 0:
        _live(body, reader, writer)
    close(writer)
    messages: list[dict[str, Any]] = []
    timed_out = _gather(child, reader, messages, silence=silence, ends=began + total)
    close(reader)
    done = bool(messages) and bool(messages[-1].pop("done", False))
    status = _bury(child, at_once=timed_out)
    crash = "" if timed_out or done else _manner(status)
    return Heard(messages=messages, timed_out=timed_out and not done, crash=crash, seconds=monotonic() - began)


def _live(body: Callable[[Say], None], reader: int, writer: int) -> None:
    """Does the work of the fork; never returns."""
    status, myself = 1, getpid()

    def say(message: dict[str, Any]) -> None:
        if getpid() != myself:
            _exit(0)  # A test forked, and its fork ran on into the runner.
        data = _dumps(message).encode() + b"\n"
        while data:
            data = data[write(writer, data) :]

    try:
        close(reader)
        setsid()
        body(say)
        say({"done": True})
        status = 0
    except BaseException as error:  # noqa: BLE001 — nothing may unwind into the parent's stack
        say({"broken": "".join(traceback.format_exception(type(error), error, error.__traceback__))})
    finally:
        _exit(status)


def _gather(child: int, reader: int, messages: list[dict[str, Any]], *, silence: float, ends: float) -> bool:
    """Reads messages until the fork is gone; returns whether its time ran out first."""
    poller = poll()
    poller.register(reader, POLLIN | POLLHUP)
    rest, heard, open_end = b"", monotonic(), True
    while True:
        left = min(ends, heard + silence) - monotonic()
        if left <= 0:
            return True
        if open_end and poller.poll(1000 * min(left, _TICK_SECONDS)):
            chunk = read(reader, _CHUNK)
            open_end = bool(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            messages.extend(_loads(line) for line in lines)
            heard = monotonic() if lines else heard
        elif waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return False
        elif not open_end:
            sleep(_BLINK_SECONDS)  # It is about to end, unless a test closed descriptors that are not its own.


def _bury(child: int, *, at_once: bool) -> int:
    """Ends whatever is left of the fork and its group; returns its wait status."""
    if at_once:
        kill(child, SIGKILL)
    _, status = waitpid(child, 0)
    with suppress(ProcessLookupError, PermissionError):  # Nothing was left running, or only what has already ended.
        killpg(child, SIGKILL)
    return status


def _manner(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return Signals(number).name if number in set(Signals) else f"signal {number}"
    return f"exit status {os.WEXITSTATUS(status)}"
