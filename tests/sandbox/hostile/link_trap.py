"""Puts links where the host will write next, and a folder where it will write a file."""

import contextlib
import os


def main(request, send):
    for name in ("next", "next.txt"):
        with contextlib.suppress(OSError):
            os.symlink(request["folders"][0] if name == "next" else request["secrets"][0], name)
    with contextlib.suppress(OSError):
        os.mkdir("folder.txt")
    send({"set": True})
