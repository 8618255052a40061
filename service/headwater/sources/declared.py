"""Reads from a project's own files from which folders its modules are imported."""

from __future__ import annotations

import ast
import configparser
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any, cast

from headwater.errors import Problem
from headwater.sources.tree import Files

FINDERS = frozenset({"find_packages", "find_namespace_packages"})


def declared_roots(files: Files, folders: Iterable[str]) -> frozenset[str]:
    """Returns what a project names as import roots: empty for the top of the tree, else with `/` at the end.

    Looked at are pyproject.toml (setuptools, hatch, poetry, pdm, pytest), setup.cfg, setup.py, pytest.ini and tox.ini
    in the given folders; what cannot be read names none.
    """
    found: set[str] = set()
    for folder in folders:
        for name, read in READERS.items():
            text = _text(files, f"{folder}{name}")
            with suppress(tomllib.TOMLDecodeError, configparser.Error, SyntaxError, ValueError, RecursionError):
                found.update(_joined(folder, root) for root in read(text) if text)
    return frozenset(found)


def _pyproject(text: str) -> Iterator[str]:
    tool = _table(tomllib.loads(text), "tool")
    setuptools = _table(tool, "setuptools")
    yield from _texts(_table(setuptools, "package-dir").get(""))
    yield from _texts(_table(setuptools, "packages", "find").get("where"))
    wheel = _table(tool, "hatch", "build", "targets", "wheel")
    yield from (str(PurePosixPath(each).parent) for each in _texts(wheel.get("packages")))
    yield from _texts(wheel.get("sources"))
    packages = _table(tool, "poetry").get("packages")
    for each in cast("list[Any]", packages) if isinstance(packages, list) else []:
        yield from _texts(_table({"package": each}, "package").get("from", "."))
    yield from _texts(_table(tool, "pdm", "build").get("package-dir"))
    yield from _texts(_table(tool, "pytest", "ini_options").get("pythonpath"))


def _ini(text: str) -> Iterator[str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    for line in parser.get("options", "package_dir", fallback="").splitlines():
        package, _, folder = line.partition("=")
        if not package.strip() and folder.strip():
            yield folder.strip()
    yield from parser.get("options.packages.find", "where", fallback="").split()
    for section in ("tool:pytest", "pytest"):
        yield from parser.get(section, "pythonpath", fallback="").split()


def _setup(text: str) -> Iterator[str]:
    """Reads the calls in a setup.py as far as they are written out; nothing of it is run."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        given = {each.arg: each.value for each in node.keywords}
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in FINDERS:
            yield from _literal(given.get("where", node.args[0] if node.args else None))
        folders = given.get("package_dir")
        if name == "setup" and isinstance(folders, ast.Dict):
            pairs = zip(folders.keys, folders.values, strict=True)
            yield from (each for key, value in pairs if [*_literal(key)] == [""] for each in _literal(value))


READERS = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _ini,
    "pytest.ini": _ini,
    "tox.ini": _ini,
    "setup.py": _setup,
}


def _text(files: Files, path: str) -> str:
    with suppress(Problem):  # larger than a file may be: then it says nothing
        return (files.read(path) or b"").decode(errors="replace")
    return ""


def _table(value: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Returns the table below a table; an empty one where there is none."""
    for name in names:
        found = value.get(name)
        value = cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}
    return value


def _texts(value: Any) -> list[str]:
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def _literal(node: ast.expr | None) -> list[str]:
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _joined(folder: str, root: str) -> str:
    path = str(PurePosixPath(folder, root))
    return "" if path == "." else f"{path}/"
