"""Writes which packages rendered backends are locked to, or checks that pip would lock them to the same.

`python -m tests.tools.backend_lock write|check`, with pip and an index. Every package that is named in
`backend/packages.py` is resolved within `constraints.txt`; no address and no digest is kept, so that any index will do.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from headwater.synthesis.project.backend import packages
from tests.tools.locking import keep

TARGET = Path(packages.__file__).parent / packages.LOCKED
CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"


def resolved() -> dict[str, Any]:
    """Asks pip what the pins come to; returns the version of each package, and what it needs in turn."""
    pins = [f"{name}=={version}" for name, version in (packages.RUNTIME | packages.TESTING).items()]
    words = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    done = subprocess.run([*words, "--constraint", str(CONSTRAINTS), *pins], capture_output=True, check=True)
    told = [each["metadata"] for each in json.loads(done.stdout)["install"]]
    known: dict[str, Any] = {canonicalize_name(each["name"]): each for each in told}
    extras = _extras(known, [Requirement(each) for each in pins])
    return {
        name: {"version": known[name]["version"], "needs": sorted({each.name for each in _needs(known[name], asked)})}
        for name, asked in sorted(extras.items())
    }


def _extras(known: dict[str, Any], wanted: Iterable[Requirement]) -> dict[str, set[str]]:
    """Returns each package that is reached, with the extras that it is asked for with."""
    found: dict[str, set[str]] = {}
    rest = list(wanted)
    while rest:
        each = rest.pop()
        name = canonicalize_name(each.name)
        if name not in found or not each.extras <= found[name]:
            found[name] = found.get(name, set()) | each.extras
            rest += _needs(known[name], found[name])
    return found


def _needs(told: dict[str, Any], extras: set[str]) -> Iterator[Requirement]:
    for each in map(Requirement, told.get("requires_dist", ())):
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            each.name = canonicalize_name(each.name)
            yield each


if __name__ == "__main__":
    sys.exit(keep(TARGET, resolved, __doc__ or ""))
