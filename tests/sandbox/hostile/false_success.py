"""Leaves with status 0, as if it had returned."""

import os


def main(request, send):
    os._exit(0)
