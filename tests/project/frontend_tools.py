"""Writes frontends into a folder and runs the programs of npm on them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from headwater import proof
from headwater.synthesis.project import frontend
from headwater.synthesis.project.files import Plan

WALK = Path(proof.__file__).parent / "guest" / "walk.mjs"
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


def walk(description: Mapping[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Walks through a running application; returns what is told of each step."""
    path = folder / "walk.json"
    path.write_text(json.dumps(description), encoding="utf-8")
    done = subprocess.run(["node", str(WALK), str(path)], capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
