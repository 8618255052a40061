"""Says which packages a backend stands on, and at which versions: those it names, and those that these need in turn."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from importlib.resources import files
from typing import Any

RUNTIME = {
    "alembic": "1.20.1", "email-validator": "2.4.0", "fastapi": "0.165.0", "pg8000": "1.31.6",
    "pwdlib[argon2]": "0.3.1", "pydantic": "2.14.3", "pyjwt": "2.15.1", "python-multipart": "0.0.34",
    "sqlalchemy": "2.1.9", "uvicorn": "0.54.0",
}  # fmt: skip
TESTING = {"httpx": "0.28.1", "httpx2": "2.16.2", "pytest": "9.2.0", "pytest-cov": "7.1.0", "ruff": "0.17.5"}
"""What applications need to run, and to be tested: the versions that they were proven with."""
NEEDED_BY = {"email-validator": "email", "pwdlib[argon2]": "account", "pyjwt": "account", "python-multipart": "files"}
"""Packages that only applications with a trait need."""
LOCKED = "locked.json"
"""What pip made of them, beside this module; `python -m tests.tools.backend_lock write` makes it anew."""
HEAD = "# What the requirements stand on, at the versions that the application was proven with.\n"


def runtime(has: AbstractSet[str]) -> dict[str, str]:
    """Returns what an application with some traits needs to run."""
    return {name: version for name, version in RUNTIME.items() if NEEDED_BY.get(name, "") in {"", *has}}


def pinned(pins: Mapping[str, str]) -> str:
    """Returns the lines of a file of requirements."""
    return "".join(f"{name}=={version}\n" for name, version in pins.items())


def constraints(pins: Iterable[str]) -> str:
    """Returns `constraints.txt`: a version of everything that some packages and the tests need."""
    known = locked()
    rest = [each.partition("[")[0] for each in (*pins, *TESTING)]
    found = set[str]()
    while rest:
        name = rest.pop()
        if name not in found:
            found.add(name)
            rest += known[name]["needs"]
    return HEAD + pinned({name: known[name]["version"] for name in sorted(found)})


def locked() -> Mapping[str, Mapping[str, Any]]:
    """Returns the version of each package, and the names of those that it needs."""
    text = files("headwater.synthesis.project.backend").joinpath(LOCKED).read_text(encoding="utf-8")
    return json.loads(text)
