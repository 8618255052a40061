"""Leaves without a word."""

import os


def main(request, send):
    os._exit(7)
