"""Keeps a file of what a package manager makes of pins: writes it anew, or checks that it would be the same."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def keep(target: Path, resolved: Callable[[], Any], usage: str) -> int:
    """Does what the command line says, `write` or `check`; returns the exit code."""
    match sys.argv[1:]:
        case ["write"]:
            target.write_text(f"{json.dumps(resolved(), indent=1, ensure_ascii=False)}\n", encoding="utf-8")
            return 0
        case ["check"]:
            same = resolved() == json.loads(target.read_text(encoding="utf-8"))
            if not same:
                sys.stderr.write(f"{target.name}: other packages are resolved; `write` makes it anew\n")
            return int(not same)
        case _:
            sys.stderr.write(f"{usage}\n")
            return 2
