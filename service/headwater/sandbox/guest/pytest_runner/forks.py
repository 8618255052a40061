"""Pieces of work, each in a fork that is listened to, and killed when it says nothing for too long."""

from __future__ import annotations

import json
import os
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from os import _exit, close, fork, getpid, kill, killpg, pipe, read, set_blocking, setsid, waitid, waitpid, write
from select import POLLHUP, POLLIN, poll
from signal import SIGKILL, Signals
from time import monotonic
from typing import Any, TypeVar

Say = Callable[..., None]
"""Takes messages that belong together; each time it is called, somebody must wake up and listen."""
Body = Callable[[Say], None]
Key = TypeVar("Key")

# Names are bound here, before the module under test can replace what `os`, `time` and `json` hold.
_dumps, _loads = json.dumps, json.loads

_TICK_SECONDS = 0.05
"""How often a silent fork is looked at: a process that it left behind may hold its pipe open after its end."""
_BLINK_SECONDS = 0.001
"""Between two looks at a fork that has closed its pipe without being done: it crashed, and is about to be gone."""
_CHUNK = 1 << 16
"""As much as a pipe holds."""


@dataclass(frozen=True)
class Heard:
    """What a fork said, and why it ended before it was done."""

    messages: list[dict[str, Any]] = field(default_factory=list["dict[str, Any]"])
    timed_out: bool = False
    crash: str = ""
    """Such as `SIGSEGV` or `exit status 3`; empty when it was done or ran out of time."""
    seconds: float = 0.0


def listen(bodies: Sequence[Body], *, slots: int, silence: float, total: float) -> list[Heard]:
    """Runs each body as `stream` does; returns what they said, in their order, when all of them are gone."""
    waiting = iter(enumerate(bodies))
    heard = dict(stream(lambda: next(waiting, None), slots=slots, silence=silence, total=total))
    return [heard[number] for number in range(len(bodies))]


def stream(
    ask: Callable[[], tuple[Key, Body] | None], *, slots: int, silence: float, total: float
) -> Iterator[tuple[Key, Heard]]:
    """Runs bodies, each in a fork and a session of its own, until they return; so many at a time; yields as they end.

    Whenever a slot is free, `ask` is asked for another one, until it has none and nothing runs. A fork is killed with
    its process group after `silence` seconds without a message, or after `total` seconds. Whatever it leaves running in
    its group is killed too; when it is yielded, all of them are gone.
    """
    running: dict[int, tuple[Key, _Fork]] = {}
    while True:
        while len(running) < slots:
            following = ask()
            if following is None:
                break
            key, body = following
            started = _Fork(body, silence=silence, total=total)
            running[started.reader] = key, started
        if not running:
            return
        for reader in _wait([each for _, each in running.values()]):
            key, ended = running.pop(reader)
            yield key, ended.bury()


def _wait(forks: list[_Fork]) -> list[int]:
    """Waits until something happens to one of them; returns the readers of those that have ended."""
    poller = poll()
    for each in forks:
        if not each.closed:
            poller.register(each.reader, POLLIN | POLLHUP)
    patience = min(_BLINK_SECONDS if each.closed else min(each.left, _TICK_SECONDS) for each in forks)
    said = {reader for reader, _ in poller.poll(max(0, 1000 * patience))}
    return [each.reader for each in forks if each.over(said=each.reader in said)]


class _Fork:
    """A fork that runs, and what it said."""

    def __init__(self, body: Body, *, silence: float, total: float) -> None:
        self._began = self._heard = monotonic()
        self._silence, self._total = silence, total
        self.reader, writer = pipe()
        set_blocking(self.reader, False)
        self.closed = False
        self._rest = b""
        self._messages: list[dict[str, Any]] = []
        self._done = self._timed_out = False
        self._seconds = 0.0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python 3.12 warns of threads; a lock that they hold ends in the deadline.
            self._process = fork()
        if self._process == 0:
            _live(body, self.reader, writer)
        close(writer)

    @property
    def left(self) -> float:
        """Seconds that it may go on without a word."""
        return min(self._began + self._total, self._heard + self._silence) - monotonic()

    def over(self, *, said: bool) -> bool:
        """Takes what it said, and ends it where it is done or out of time; tells whether it is over."""
        gone = not said and waitid(os.P_PID, self._process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        if said or gone:
            self._read()  # All that a pipe holds; the last words may have come right before the end.
        self._timed_out = not self._done and self.left <= 0
        over = self._done or self._timed_out or gone
        if over:
            self._seconds = monotonic() - self._began
            self._end()
        return over

    def bury(self) -> Heard:
        """Waits until it is gone, and sums up."""
        close(self.reader)
        _, status = waitpid(self._process, 0)
        crash = "" if self._timed_out or self._done else _manner(status)
        return Heard(messages=self._messages, timed_out=self._timed_out, crash=crash, seconds=self._seconds)

    def _end(self) -> None:
        """Kills it, since what is left to do of one that is done only takes time, and then its group."""
        kill(self._process, SIGKILL)
        with suppress(ProcessLookupError, PermissionError):  # It had no group yet, or nothing runs in it.
            killpg(self._process, SIGKILL)

    def _read(self) -> None:
        try:
            chunk = read(self.reader, _CHUNK)
        except BlockingIOError:
            return  # It left without another word, and somebody else holds its pipe open.
        self.closed = not chunk
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if lines:
            self._messages.extend(_loads(line) for line in lines)
            self._heard = monotonic()
            self._done = bool(self._messages[-1].pop("done", False))


def _live(body: Body, reader: int, writer: int) -> None:
    """Does the work of the fork; never returns."""
    status, myself = 1, getpid()

    def say(*messages: dict[str, Any]) -> None:
        if getpid() != myself:
            _exit(0)  # A test forked, and its fork ran on into the runner.
        data = b"".join(_dumps(message).encode() + b"\n" for message in messages)
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


def _manner(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return Signals(number).name if number in set(Signals) else f"signal {number}"
    return f"exit status {os.WEXITSTATUS(status)}"
