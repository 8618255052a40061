"""Stops itself and all that it started, each with a stopped child and a reader of a pipe that nobody writes to."""

import os
import signal


def main(request, send):
    os.mkfifo("silent")
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.open("silent", os.O_RDONLY)
            os.kill(os.getpid(), signal.SIGSTOP)
    os.kill(0, signal.SIGSTOP)
