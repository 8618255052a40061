"""Finds the folder or file that a dotted name stands for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_SOURCES = ("", "src")
_ASK = """
import importlib.util, json, sys
spec = importlib.util.find_spec(sys.argv[1])
print(json.dumps([*(spec.submodule_search_locations or [spec.origin])] if spec else []))
"""
_SECONDS = 30.0


def find_named(name: str, here: Path, python: Path | None) -> Path | None:
    """Returns the folder or file of a module by its dotted name; None where there is none.

    It is looked for in this folder, in `src`, and in what is installed for the interpreter, which imports nothing.
    """
    if not _NAME.fullmatch(name):
        return None
    first, *rest = name.split(".")
    tops = [here / folder / first for folder in _SOURCES] + _installed(first, python)
    for top in tops:
        below = top.joinpath(*rest)
        if below.is_dir() and any(below.rglob("*.py")):
            return below
        file = below if below.suffix == ".py" else below.with_name(f"{below.name}.py")
        if file.is_file():
            return file
    return None


def _installed(top: str, python: Path | None) -> list[Path]:
    command = [str(python or sys.executable), "-I", "-c", _ASK, top]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False).stdout  # noqa: S603 — no shell
        places: list[str] = json.loads(said)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return []  # what is no interpreter, or says nothing, knows of no package
    return [Path(place) for place in places if Path(place).exists()]
