"""The code is linted, formatted and spelled right, and speaks of itself only."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHECKED = ("service", "clients/python", "tests")


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "--quiet", "--no-cache", *CHECKED),
        ("ruff", "format", "--check", "--quiet", "--no-cache", *CHECKED),
        ("codespell_lib", *CHECKED, "protos", "deploy", "README.md", "Makefile"),
    ],
    ids=("lint", "format", "spelling"),
)
def test_checkers_find_nothing(command: tuple[str, ...]) -> None:
    """ruff and codespell have nothing to say."""
    result = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


FOREIGN = re.compile(
    rb"(?<![\w.])/(?:root|home/\w+|work|farm)/[a-z]|https?://(?:pypi|files\.pythonhosted|registry\.npmjs|proxy\.golang)"
    rb"|\b(?:TO" + rb"DO|FIX" + rb"ME)\b|raise NotImplemented" + rb"Error"
)


def test_no_file_speaks_of_a_machine() -> None:
    """No committed file names a path of a machine, a package registry's host, or something left undone."""
    found = [
        f"{path.relative_to(ROOT)}: {match[0].decode()}"
        for path in committed()
        if path.is_file() and path.suffix not in {".binpb", ".db"} and "v1" not in path.parts and path != Path(__file__)
        for match in FOREIGN.finditer(path.read_bytes())
    ]
    assert not found
