"""Closes everything and goes on as if nothing was."""

import os


def main(request, send):
    os.closerange(0, 1000)
