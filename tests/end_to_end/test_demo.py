"""The demo: a server, a run that is streamed, a file that is written, and nothing left behind."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import psutil

from .server import SECONDS, clean_environment

ROOT = Path(__file__).parents[2]


def test_the_demo_shows_verified_tests_and_leaves_no_process(tmp_path: Path) -> None:
    """It exits with 0, names each test that was verified and the coverage at the end, and writes the file."""
    process = psutil.Popen(
        [sys.executable, "-m", "tests.tools.demo"],
        cwd=ROOT,
        env=clean_environment(tmp_path / "home"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    family: dict[int, psutil.Process] = {}
    try:
        shown: list[str] = []
        for line in process.stdout:
            shown.append(line)
            family |= {child.pid: child for child in process.children(recursive=True)} if process.is_running() else {}
        assert process.wait(SECONDS) == 0, "".join(shown)
    finally:
        process.stdout.close()
        _, left = psutil.wait_procs(family.values(), timeout=10)
        for each in left:
            each.kill()
    text = "".join(shown)
    assert left == []
    assert "serves gRPC on" in text
    assert len(re.findall(r"✓ test_\w+", text)) > 5
    assert re.search(r"Coverage: line \d+\.\d% .*combined \d+\.\d%", text)
    assert "Traceback" not in text
    written = ROOT / "build" / "demo" / "test_cart.py"
    assert str(written.relative_to(ROOT)) in text
    compile(written.read_text(), written.name, "exec")
