"""Writes frontends into a folder and runs the programs of npm on them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from headwater.synthesis.project import frontend
from headwater.synthesis.project.files import Plan

VARIABLE = "HEADWATER_TEST_PROJECT_MODULES"


def modules(*names: str) -> Path:
    """Returns the folder of packages that .ci/run installs: a test fetches none."""
    folder = Path(os.environ.get(VARIABLE) or "missing")
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not all((folder / each).is_dir() for each in names):
        pytest.skip(f"{VARIABLE} names no node_modules with {', '.join(names)}")
    return folder.resolve()


def written(plan: Plan, folder: Path) -> Path:
    """Writes a frontend; returns its folder, where the packages are found."""
    for file in frontend.render(plan):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    root = folder / frontend.ROOT
    (root / "node_modules").symlink_to(modules("vite", "vitest", "typescript"))
    return root


def run(root: Path, script: str, *words: str) -> str:
    """Runs a program of a package, which must succeed; returns what it told."""
    done = subprocess.run(
        ["node", f"node_modules/{script}", *words], cwd=root, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(root), "CI": "true", "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
