"""Sleeps, deaf to every signal that can be ignored."""

import signal
import time


def main(request, send):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    send({"asleep": True})
    time.sleep(600)
