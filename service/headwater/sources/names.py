"""Finds the folder that goes on the import path, and the name under which the file is imported."""

from __future__ import annotations

import ast
import keyword
import re
import sys
from contextlib import suppress
from pathlib import PurePosixPath

from headwater.errors import Problem, invalid
from headwater.sources.declared import declared_roots
from headwater.sources.paths import quoted
from headwater.sources.tree import Files

RUNNERS = frozenset({"pytest", "_pytest", "pluggy", "iniconfig", "coverage", "conftest"})
"""What the tests are run with: a module of that name in front of the import path would take its place."""

SCANNED = 200
"""How many other files are looked at for how they import it."""
FROM = re.compile(r"^[ \t]*from[ \t]+(\w[\w.]*)[ \t]+import[ \t]+([^#\n]*)", re.MULTILINE)
IMPORT = re.compile(r"^[ \t]*import[ \t]+([^#\n]*)", re.MULTILINE)
WORD, DOTTED = re.compile(r"\w+"), re.compile(r"\w[\w.]*")


def import_root(files: Files, path: str, tree: ast.Module) -> str:
    """Returns the folder that goes on the import path: empty for the tree itself, else with `/` at the end.

    That is the folder which the project's own files declare; else the one from which more of the file's imports are
    found; else the one by whose names other files import its package. Where nothing of this tells, a package is
    imported from the folder that holds it, and what lies under a folder called `src` from there; else the tree is the
    root, which makes `a/b.py` the module `a.b` of a namespace package. A root must give an importable name.
    """
    candidates = _candidates(files, path)
    if len(candidates) == 1:
        return candidates[0]
    imported = _imported(tree)
    declared = declared_roots(files, candidates)

    def fitness(root: str) -> tuple[bool, bool, int]:
        found = sum(files.has(f"{root}{name}") or files.has(f"{root}{name}.py") for name in imported)
        return all(map(_importable, _parts(path.removeprefix(root)))), root in declared, found

    best = max(map(fitness, candidates))
    equals = [each for each in candidates if fitness(each) == best]
    if len(equals) == 1:
        return equals[0]
    used = _used(files, path)
    return max(equals, key=lambda root: sum(bool(_heads(files, path, root) & each) for each in used))


def module_name(path: str) -> str:
    """Returns the dotted name of a file below its import root: `shop.cart`, or `shop` for `shop/__init__.py`."""
    return ".".join(_parts(path))


def check_name(path: str) -> None:
    """Raises Problem `SOURCE_NAME_NOT_IMPORTABLE`, or `SOURCE_NAME_SHADOWS` for a name that is needed elsewhere."""
    parts = _parts(path)
    if not path.endswith(".py") or not parts or not all(map(_importable, parts)):
        raise _not_importable(path, parts)
    top, *rest = parts
    if top in sys.stdlib_module_names:
        owner = "the standard library"
    elif top in RUNNERS:
        owner = "the test runner"
    elif not rest and (top.startswith("test_") or top.endswith("_test")):
        owner = "the tests themselves"
    else:
        return
    raise invalid(
        "SOURCE_NAME_SHADOWS",
        "source.path",
        f"{quoted(path)} would be imported as {top!r}, a name that belongs to {owner}.",
        "Rename it, or send it inside its package, such as shop/" + PurePosixPath(path).name + ".",
        module=".".join(parts),
    )


def _candidates(files: Files, path: str) -> list[str]:
    """Lists the folders that may go on the import path, the likeliest first."""
    folders = [str(folder) for folder in PurePosixPath(path).parents][:-1]
    own = len(folders)
    while folders and files.has(f"{folders[0]}/__init__.py"):
        folders.pop(0)
    # What is left are the folders above the package, or above the file, from the nearest to the topmost.
    sources = [folder for folder in folders if PurePosixPath(folder).name == "src"]
    package_parent = folders[:1] if len(folders) < own else []
    ordered = [*sources, *package_parent, "", *reversed(folders)]
    return [f"{folder}/" if folder else "" for folder in dict.fromkeys(ordered)]


def _heads(files: Files, path: str, root: str) -> set[str]:
    """Returns the names by which others import what a file belongs to: its package, else two parts of its own name."""
    parts = _parts(path.removeprefix(root))
    regular = files.has(f"{root}{parts[0]}/__init__.py") if parts else False
    return {".".join(parts[:1] if regular else parts[:2])} if regular or len(parts) > 1 else set()


def _used(files: Files, path: str) -> list[set[str]]:
    """Returns for other files of the tree, tests first, the first part and the first two of the names it imports."""
    names = sorted((each for each in files.names() if each.endswith(".py") and each != path), key=_is_no_test)
    found: list[set[str]] = []
    for name in names[:SCANNED]:
        with suppress(Problem):  # it is larger than a file may be, and says nothing
            text = (files.read(name) or b"").decode(errors="replace")
            dotted = [f"{home}.{each}" for home, given in FROM.findall(text) for each in WORD.findall(given)]
            dotted += [each for given in IMPORT.findall(text) for each in DOTTED.findall(given)]
            found.append({".".join(each.split(".")[:size]) for each in dotted for size in (1, 2)})
    return found


def _is_no_test(path: str) -> bool:
    return "test" not in path


def _imported(tree: ast.Module) -> set[str]:
    """Returns the first parts of the names that the file imports absolutely, without the standard library's."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names


def _parts(path: str) -> tuple[str, ...]:
    parts = PurePosixPath(path).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def _importable(part: str) -> bool:
    return part.isidentifier() and not keyword.iskeyword(part)


def _not_importable(path: str, parts: tuple[str, ...]) -> Problem:
    if not parts:
        message = f"{quoted(path)} is the top of a package whose folder was not sent, so it has no name."
        remedy = "Send it inside its package, such as shop/__init__.py."
    elif not path.endswith(".py"):
        message = f"{quoted(path)} has no name that can be imported: it does not end in .py."
        remedy = "Rename it so that it ends in .py."
    else:
        bad = next(part for part in parts if not _importable(part))
        message = f"{quoted(path)} cannot be imported by name: {quoted(bad)} is no identifier."
        remedy = f"Rename it with letters, digits and underscores, such as {_suggestion(bad)}."
    return invalid("SOURCE_NAME_NOT_IMPORTABLE", "source.path", message, remedy, path=path)


def _suggestion(part: str) -> str:
    word = "".join(letter if f"_{letter}".isidentifier() else "_" for letter in part)
    return word if word.isidentifier() and not keyword.iskeyword(word) else f"module_{word}"
