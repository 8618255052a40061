"""Looks at the processes below this one, which come and go meanwhile."""

from __future__ import annotations

from contextlib import suppress

import psutil


def processes_of(module: str) -> list[psutil.Process]:
    """Returns those below this process that run a module, however deep."""
    return [each for each in psutil.Process().children(recursive=True) if module in _command_of(each)]


def _command_of(process: psutil.Process) -> list[str]:
    """Returns the command line; nothing for a process that is gone by now, or only waits to be buried."""
    with suppress(psutil.NoSuchProcess):
        return process.cmdline()
    return []
