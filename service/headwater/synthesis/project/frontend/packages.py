"""Writes which packages a frontend stands on: `package.json`, and the lock file that fixes each of them by its digest.

The lock file holds no address, so that any registry will do; `python -m tests.tools.frontend_lock write` makes it anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from headwater.synthesis.project import naming
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.frontend.typescript import WIDTH

VERSION = "0.1.0"
NODE = "^20.19.0 || >=22.12.0"
RUNTIME = {
    "@tanstack/react-query": "5.108.0",
    "react": "19.3.1",
    "react-dom": "19.3.1",
    "react-router": "7.18.5",
}
DEVELOPMENT = {
    "@testing-library/dom": "10.4.2",
    "@testing-library/react": "16.3.3",
    "@testing-library/user-event": "14.6.12",
    "@types/node": "20.19.43",
    "@types/react": "19.3.0",
    "@types/react-dom": "19.3.0",
    "@vitejs/plugin-react": "6.3.0",
    "jsdom": "26.1.0",
    "prettier": "3.10.1",
    "typescript": "6.0.3",
    "vite": "8.3.8",
    "vitest": "4.1.12",
}
"""What applications need to run, and to be made: the only place that names versions."""
LOCKED = "locked.json"
"""What npm made of them, beside this module: each package by its place below `node_modules`."""


def package(name: str) -> str:
    """Returns `package.json` of an application."""
    value = {
        **_head(name),
        "private": True,
        "type": "module",
        "engines": {"node": NODE},
        "scripts": {
            "dev": "vite",
            "build": "tsc --noEmit && vite build",
            "preview": "vite preview",
            "test": "vitest run",
            "format": "prettier --write .",
        },
        "dependencies": RUNTIME,
        "devDependencies": DEVELOPMENT,
        "prettier": {"printWidth": WIDTH},
    }
    return _text(value)


def lock(name: str) -> str:
    """Returns `package-lock.json` of an application."""
    root = {
        **_head(name),
        "dependencies": RUNTIME,
        "devDependencies": DEVELOPMENT,
        "engines": {"node": NODE},
    }
    packages = {"": root, **locked()}
    return _text({**_head(name), "lockfileVersion": 3, "requires": True, "packages": packages})


def locked() -> Mapping[str, Mapping[str, Any]]:
    """Returns what is known of each package, by its place."""
    text = files("headwater.synthesis.project.frontend").joinpath(LOCKED).read_text(encoding="utf-8")
    return json.loads(text)


def named(plan: Plan) -> str:
    """Returns what npm calls an application."""
    return naming.snake(plan.spec.name).replace("_", "-")


def _head(name: str) -> dict[str, object]:
    return {"name": name, "version": VERSION}


def _text(value: object) -> str:
    return f"{json.dumps(value, indent=2, ensure_ascii=False)}\n"
