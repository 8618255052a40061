"""Reads address zero."""

import ctypes


def main(request, send):
    ctypes.string_at(0)
