"""What a frontend stands on is fixed: its lock file is that of its package.json, with digests instead of addresses."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from headwater.synthesis.project.frontend import packages, render
from tests.project.applications import planned

NAME = "shop"
DEEPER = "node_modules/"


def locked() -> dict[str, dict[str, Any]]:
    return json.loads(packages.lock(NAME))["packages"]


def test_the_lock_is_that_of_the_package() -> None:
    """Name, version and every pin of the one are those of the other: whoever changes a pin makes the lock anew."""
    package, (root, found) = json.loads(packages.package(NAME)), (locked()[""], locked())
    for part in ("name", "version", "dependencies", "devDependencies", "engines"):
        assert root[part] == package[part], part
    for name, version in {**packages.RUNTIME, **packages.DEVELOPMENT}.items():
        assert found[f"{DEEPER}{name}"]["version"] == version, name


def test_every_package_has_a_digest_and_no_address() -> None:
    """Whatever registry it comes from, it is the same."""
    for place, told in locked().items():
        if place:
            assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", told["integrity"]), place
    assert "://" not in packages.lock(NAME)


def test_whatever_a_package_needs_is_there() -> None:
    """Each dependency is found beside the package or further up, as node looks for it; peers may be left out."""
    found = locked()
    for place, told in found.items():
        wanted = {**told.get("dependencies", {}), **told.get("optionalDependencies", {})}
        for name in wanted:
            ways = [f"{place}/{DEEPER}{name}", f"{DEEPER}{name}"]
            parts = place.split(f"/{DEEPER}")
            ways += [f"{f'/{DEEPER}'.join(parts[:depth])}/{DEEPER}{name}" for depth in range(1, len(parts))]
            assert any(each in found for each in ways), f"{place or 'package.json'} needs {name}"


def test_each_project_has_both_and_the_same_bytes() -> None:
    """They differ in the name alone."""
    first, again, other = (
        {file.path: file.text for file in render(planned(each))} for each in ("shop", "shop", "blog")
    )
    for path in ("frontend/package.json", "frontend/package-lock.json"):
        assert first[path] == again[path]
        assert first[path].replace("online-shop", "blog") == other[path]


@pytest.mark.parametrize("pin", ["", "19.3.0"], ids=("as it is", "another pin"))
def test_npm_takes_the_lock(pin: str, tmp_path: Path) -> None:
    """`npm ci` asks nobody and would install it; where a pin is another, that does not do."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    text = packages.package(NAME)
    changed = text.replace(f'"react": "{packages.RUNTIME["react"]}"', f'"react": "{pin}"') if pin else text
    (tmp_path / "package.json").write_text(changed)
    (tmp_path / "package-lock.json").write_text(packages.lock(NAME))
    words = [npm, "ci", "--dry-run", "--offline", "--no-audit", "--no-fund", "--cache", str(tmp_path / "cache")]
    alone = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(words, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == (not pin), done.stdout + done.stderr
