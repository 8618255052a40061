"""Raises SystemExit with a status."""

import sys


def main(request, send):
    sys.exit(3)
