"""Says how a guest ended, from what its keeper saw and what it said itself."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headwater.sandbox import Limits, Outcome


@dataclass(slots=True, kw_only=True)
class Heard:
    """What the guest's pipe carried besides messages; its own word, believed only where the keeper's agrees."""

    returned: bool = False
    error: str | None = None
    starved: bool = False
    """The error was a MemoryError."""
    broken: int = 0
    """Lines that were no JSON objects, and were dropped."""


def judge(facts: Mapping[str, Any] | None, heard: Heard, limits: Limits, *, starved: bool) -> tuple[Outcome, str]:
    """Returns the outcome and its detail.

    `facts` is the keeper's last line, None where the keeper was lost; `starved` whether the kernel killed a process of
    this guest for want of memory.
    """
    outcome, detail = _judge(facts, heard, limits, starved=starved)
    if heard.broken:
        dropped = f"{heard.broken} broken messages were dropped"
        detail = f"{detail}; {dropped}" if detail else dropped
    return outcome, detail


def _judge(facts: Mapping[str, Any] | None, heard: Heard, limits: Limits, *, starved: bool) -> tuple[Outcome, str]:
    status = None if facts is None else facts.get("status")
    if facts is None or "failed" in facts:
        verdict = Outcome.CRASHED, "its keeper was lost" if facts is None else f"not started: {facts['failed']}"
    elif heard.returned and status == 0:
        verdict = Outcome.DONE, ""
    elif starved:
        verdict = Outcome.MEMORY, _memory(limits)
    elif facts.get("why") is not None:
        verdict = _ended_by_keeper(facts["why"], limits)
    elif status is None:
        verdict = Outcome.CRASHED, "killed with its namespace"
    elif os.WIFSIGNALED(status):
        verdict = _signalled(os.WTERMSIG(status), float(facts.get("cpu", 0)), limits)
    else:
        verdict = _left(os.waitstatus_to_exitcode(status), heard)
    return verdict


def _ended_by_keeper(why: str, limits: Limits) -> tuple[Outcome, str]:
    match why:
        case "wall":
            return Outcome.TIMEOUT, f"{limits.wall_seconds:g} s of wall time"
        case "memory":
            return Outcome.MEMORY, _memory(limits)
        case "files":
            return Outcome.OUTPUT, "more files than the work folder may hold"
        case _:
            return Outcome.CRASHED, "ended by the host"


def _left(code: int, heard: Heard) -> tuple[Outcome, str]:
    if heard.error is None:
        return Outcome.CRASHED, f"exit status {code}"
    return (Outcome.MEMORY if heard.starved else Outcome.CRASHED), heard.error


def _signalled(number: int, cpu: float, limits: Limits) -> tuple[Outcome, str]:
    if number == signal.SIGXCPU or (number == signal.SIGKILL and cpu >= limits.cpu_seconds):
        return Outcome.TIMEOUT, f"{limits.cpu_seconds} s of CPU time"
    if number == signal.SIGXFSZ:
        return Outcome.OUTPUT, f"a file of more than {limits.file_bytes} bytes"
    try:
        return Outcome.CRASHED, signal.Signals(number).name
    except ValueError:
        return Outcome.CRASHED, f"signal {number}"


def _memory(limits: Limits) -> str:
    return f"more than {limits.memory_bytes >> 20} MiB of memory"
