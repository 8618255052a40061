"""Kills whom it can find: the host, its parent, its session, everyone."""

import contextlib
import os
import signal


def main(request, send):
    for process in {request["host"], os.getppid(), 1, *request["zygotes"]}:
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)
    for number in (signal.SIGSTOP, signal.SIGKILL):
        with contextlib.suppress(OSError):
            os.kill(-1, number)
