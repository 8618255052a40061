"""Writes which packages rendered frontends are locked to, or checks that npm would lock them to the same.

`python -m tests.tools.frontend_lock write|check`, with npm and a registry. Every package that is named in
`frontend/packages.py` is resolved anew; no address is kept, so that the file fits any registry.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from headwater.synthesis.project.frontend import packages
from tests.tools.locking import keep

TARGET = Path(packages.__file__).parent / packages.LOCKED
NAME = "application"
UNNEEDED = ("resolved", "funding")
"""What is said of a package and says where it lies, or whom to pay."""


def resolved() -> dict[str, dict[str, Any]]:
    """Asks npm what the pins come to."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "package.json").write_text(packages.package(NAME), encoding="utf-8")
        words = ["npm", "install", "--package-lock-only", "--omit-lockfile-registry-resolved", "--ignore-scripts"]
        subprocess.run([*words, "--no-audit", "--no-fund"], cwd=folder, check=True, stdout=sys.stderr)
        found = json.loads(Path(folder, "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return {
        place: {name: value for name, value in told.items() if name not in UNNEEDED}
        for place, told in found.items()
        if place
    }


if __name__ == "__main__":
    sys.exit(keep(TARGET, resolved, __doc__ or ""))
