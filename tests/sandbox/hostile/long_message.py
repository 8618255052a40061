"""Sends one message without an end."""

import os


def main(request, send):
    os.write(3, b"m")
    while True:
        os.write(3, b"x" * 65536)
