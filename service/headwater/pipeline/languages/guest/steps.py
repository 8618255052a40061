"""Runs programs one after the other in the work folder, and tells of each how it ended, what it printed and wrote.

The request: `copy` (a folder that is laid out in the work folder once, of at most `most_files` and `most_bytes`), the
names that are `left_out` of it, and `steps`, each with its `name`, `argv`, `cwd`, `seconds`, the files to `write` and
to `collect`, and the file whose counts by V8 are wanted (`counted`).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Callable  # noqa: UP035 — runs under 3.9 as well

MARK = ".laid-out"
COUNTS = ".v8"
"""Where V8 writes what it counted, if NODE_V8_COVERAGE asks for it."""
MODULES = "node_modules"
"""Is never copied: a folder of links to the packages is made in its place, so that tools may write beside them."""


def main(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """Runs every step; one that is `needed` and fails is the last."""
    work = Path.cwd()
    if request["copy"] and not (work / MARK).exists():
        if not _lay_out(Path(request["copy"]), work, request):
            send({"event": "too_large"})
            return
        (work / MARK).write_text("")
    for step in request["steps"]:
        before = _names(work, step["quiet"])
        for path in step["collect"]:
            (work / path).unlink(missing_ok=True)
        for path, text in step["write"].items():
            target = work / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        told = _run(work, step, request["output_bytes"])
        left = sorted(_names(work, step["quiet"]) - before - set(step["write"]))
        send({"event": "step", "name": step["name"], "left": left[:10], **told})
        if step["needed"] and told["outcome"] != "passed":
            return


def _run(work: Path, step: dict[str, Any], output_bytes: int) -> dict[str, Any]:
    counts = work / step["cwd"] / COUNTS
    shutil.rmtree(counts, ignore_errors=True)
    began = time.monotonic()
    printed = work / ".printed"
    with printed.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 — the host says what to run
            step["argv"],
            cwd=work / step["cwd"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(step["seconds"])
            outcome = "passed" if code == 0 else "failed" if code > 0 else "crashed"
        except subprocess.TimeoutExpired:
            code, outcome = 0, "timeout"
        finally:
            _end(process)
    told = {"outcome": outcome, "code": code, "seconds": time.monotonic() - began}
    found = {path: _tail(work, work / path, output_bytes) for path in step["collect"] if (work / path).is_file()}
    output_text = _tail(work, printed, output_bytes)
    printed.unlink()
    v8 = [each for path in sorted(counts.glob("*.json")) for each in _counted(path, step["counted"])]
    return {**told, "output": output_text, "files": found, "v8": v8}


def _counted(path: Path, wanted: str) -> list[dict[str, Any]]:
    """Returns what V8 counted in one file; its reports hold every file that a process loaded."""
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    maps: dict[str, Any] = report.get("source-map-cache") or {}
    found = [each for each in report["result"] if wanted and each["url"].endswith(wanted)]
    return [{"functions": each["functions"], "map": maps.get(each["url"])} for each in found]


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # all of it has ended
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _tail(work: Path, path: Path, most: int) -> str:
    """Returns the end of a file, where a program says what went wrong; the work folder's own name is left out."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - most))
        return file.read(most).decode(errors="replace").replace(f"{work}/", "")


def _names(work: Path, quiet: list[str]) -> set[str]:
    found: set[str] = set()
    for folder, folders, names in os.walk(work):
        folders[:] = [name for name in folders if name not in quiet]
        place = Path(folder).relative_to(work)
        found.update(str(place / name) for name in names if not name.startswith("."))
    return found


def _lay_out(top: Path, work: Path, request: dict[str, Any]) -> bool:
    """Copies a folder into the work folder; returns whether it was small enough for that."""
    files, size = 0, 0
    for folder, folders, names in os.walk(top):
        place = Path(folder).relative_to(top)
        if MODULES in folders:
            _link_packages(Path(folder) / MODULES, work / place / MODULES)
        folders[:] = [name for name in folders if name not in request["left_out"] and not name.startswith(".")]
        (work / place).mkdir(parents=True, exist_ok=True)
        for source in (Path(folder) / name for name in names):
            if source.is_file() and not (work / place / source.name).exists():
                files, size = files + 1, size + source.stat().st_size
                if files > request["most_files"] or size > request["most_bytes"]:
                    return False
                shutil.copyfile(source, work / place / source.name)
    return True


def _link_packages(modules: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for package in modules.iterdir():
        if not (target / package.name).exists():
            (target / package.name).symlink_to(package)
