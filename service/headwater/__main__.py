"""Runs the command line: `python -m headwater`."""

from headwater.cli import main

main()
