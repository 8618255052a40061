"""Rendered backends say the version of everything that they stand on, also of what nobody named."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from headwater.synthesis.project.backend import packages, render
from tests.project.applications import planned

CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"
LINE = re.compile(r"([A-Za-z0-9._-]+)(?:\[.*\])?==(\S+)")
OPEN = "entities:\n  Note:\n    title: string required\n"
"""An application without accounts."""


def lines(text: str) -> dict[str, str]:
    """Returns the versions of a file of requirements, by names without extras."""
    found = map(LINE.fullmatch, text.splitlines())
    return {canonicalize_name(each[1]): each[2] for each in found if each}


def test_the_lock_holds_what_the_service_was_proven_with() -> None:
    """Versions are those of the service's own constraints, where it has the package."""
    ours = lines(CONSTRAINTS.read_text())
    known = {name: each["version"] for name, each in packages.locked().items()}
    for name, version in (packages.RUNTIME | packages.TESTING).items():
        assert known[name.partition("[")[0]] == version
    assert {name: version for name, version in known.items() if ours.get(name, version) != version} == {}
    assert known.keys() - ours.keys() <= {"pytest-cov"}


@pytest.mark.parametrize("text", ["blog", "shop", OPEN], ids=("blog", "shop", "notes"))
def test_an_application_is_constrained_in_all_that_it_installs(text: str) -> None:
    """Whatever a requirement needs, and whatever that needs, has a version; what it does not need is not there."""
    files = {each.path: each.text for each in render(planned(text))}
    pinned = lines(files["backend/requirements.txt"])
    constrained = lines(files["backend/constraints.txt"])
    assert pinned.items() <= constrained.items()
    assert files["backend/requirements.txt"].startswith("-c constraints.txt\n")
    assert ("argon2-cffi" in constrained) == ("pwdlib" in pinned) == (text != OPEN)
    for name in constrained.keys() - {"pytest-cov"}:
        for each in map(Requirement, importlib.metadata.requires(name) or ()):
            if each.marker is None or each.marker.evaluate({"extra": ""}):
                assert canonicalize_name(each.name) in constrained, f"{name} needs {each}"
