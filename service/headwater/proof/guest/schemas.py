"""Runs the tools that hold files to their schemas, one after the other, and ends with 1 if one of them failed.

Usage: schemas.py COMMANDS, a JSON list of commands, each a list: the module of a tool and its words. Ends with 69 where
none failed and one is not installed. One process runs them all, since loading what they share takes longer than what
they do.
"""

from __future__ import annotations

import json
import runpy
import sys
from importlib.util import find_spec

MISSING = 69
"""The exit code of a program that is not there, as sysexits.h has it."""
ABSENT = ": not installed"
"""How the line ends that names one."""


def main(commands: list[list[str]]) -> int:
    """Runs the commands whose tools are there."""
    missing = {tool for tool, *_ in commands if find_spec(tool) is None}
    failed = [run(*each) for each in commands if each[0] not in missing]
    for tool in sorted(missing):
        say(f"{tool}{ABSENT}")
    return int(any(failed)) or (MISSING if missing else 0)


def run(tool: str, *words: str) -> bool:
    """Runs a tool as its command line does; returns whether it failed."""
    say(f"$ {' '.join((tool, *words))}")
    sys.argv = [tool, *words]
    try:
        runpy.run_module(tool, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, str):
            say(end.code)
        return bool(end.code)
    return False


def say(line: str) -> None:
    """Tells at once, so that it stands before what the tool says."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
