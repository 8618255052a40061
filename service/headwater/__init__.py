"""Headwater: tests, coverage analyses and projects, streamed while they are made."""

__version__ = "0.1.0"
