"""Rendered Python is written as the linter wants it, whatever the names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from headwater.synthesis.project.python import exported, imported

NAMES = (
    "Membership",
    "MemberCreate",
    "MemberUpdate",
    "Item10",
    "Item2",
    "ItemZ",
    "Itemb",
    "ABTest",
    "Abacus",
    "HTTP",
    "one",
)


def test_names_are_in_the_order_of_the_linter(tmp_path: Path) -> None:
    """In what is imported capitals count as small letters, in what is given away they do not."""
    target = tmp_path / "package.py"
    target.write_text(f'"""Names."""\n\n{imported("elsewhere", NAMES)}\n\n{exported(NAMES)}\n', encoding="utf-8")
    checked = subprocess.run(
        [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "--isolated",
            "--no-cache",
            "--line-length=120",
            "--select",
            "I,RUF022",
            "--preview",
            str(target),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert checked.returncode == 0, checked.stdout
