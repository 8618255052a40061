"""Burns CPU time and is deaf to the signal that says that it is used up."""

import signal


def main(request, send):
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    while True:
        pass
