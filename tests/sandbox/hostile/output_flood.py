"""Prints for ever, in the parent and in children."""

import os


def main(request, send):
    os.fork()
    while True:
        os.write(1, b"x" * 65536)
        os.write(2, b"\xff\xfe" * 1024)
