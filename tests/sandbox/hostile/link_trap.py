"""Puts links where the host will write next, and a folder and a pipe that nobody reads where it will write files."""

import contextlib
import os


def main(request, send):
    for name in ("next", "next.txt"):
        with contextlib.suppress(OSError):
            os.symlink(request["folders"][0] if name == "next" else request["secrets"][0], name)
    with contextlib.suppress(OSError):
        os.mkdir("folder.txt")
    with contextlib.suppress(OSError):
        os.mkfifo("pipe.txt")
    send({"set": True})
