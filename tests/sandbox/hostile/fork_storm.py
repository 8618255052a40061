"""Forks in every process for ever, each in a session of its own, deaf to signals."""

import os
import signal


def main(request, send):
    for number in range(1, 32):
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            if os.fork() == 0:
                os.setsid()
        except OSError:
            continue
