"""Finds the tools of a proof on this machine."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from headwater.proof import Tools

POSTGRES = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of Postgres, out of the PATH."""


def found(*, modules: Path | None = None, outside: bool = False) -> Tools:
    """Returns what is there: beside the interpreter, and on the PATH.

    `modules` is a `node_modules` with what rendered frontends stand on; `outside` allows what the sandbox refuses.
    """
    programs = Path(sys.executable).parent
    initdb = shutil.which("initdb")
    servers = [Path(initdb).resolve().parent] if initdb else []
    servers += sorted(POSTGRES.glob("*/bin"), reverse=True)
    return Tools(
        ruff=formatter(),
        pyright=next(programs.parent.glob("lib/python*/site-packages/pyright/dist"), None),
        node=_program("node"),
        modules=modules if modules is not None and modules.is_dir() else None,
        postgres=next((each for each in servers if _complete(each)), None),
        chromium=_program("chromium") or _program("google-chrome"),
        outside=outside,
    )


def formatter() -> Path | None:
    """Finds ruff: beside the interpreter, or on the PATH."""
    beside = Path(sys.executable).parent / "ruff"
    return beside if beside.exists() else _program("ruff")


def _program(name: str) -> Path | None:
    path = shutil.which(name)
    return Path(path) if path else None


def _complete(folder: Path) -> bool:
    return all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres"))
