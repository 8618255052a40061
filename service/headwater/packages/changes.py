"""Finds the functions whose lines changed since a revision."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from headwater.coverage.changes.history import diff_of
from headwater.errors import Code, Problem, invalid, problem
from headwater.packages.modules import Module

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_GIT_SECONDS = 60.0
_OPTION = "--changed-since"
_REMEDIES: Mapping[str, str] = {
    "NOT_A_CHECKOUT": f"Leave {_OPTION} out, or name a folder of a git checkout.",
    "GIT_MISSING": f"Install git, or leave {_OPTION} out.",
    "GIT_RANGE_UNKNOWN": "Name a commit, branch or tag that git log knows; a shallow clone lacks older ones.",
    "GIT_RANGE_INVALID": "Name one commit, branch or tag, such as main or HEAD~1.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The lines that changed, by file, and the files that are new as a whole."""

    lines: Mapping[Path, Collection[int]]
    new: Collection[Path]

    def symbols(self, module: Module) -> tuple[str, ...] | None:
        """Names the functions and methods of a module that changed; None for a module that is new as a whole."""
        if module.file in self.new:
            return None
        lines = self.lines.get(module.file, ())
        if not lines or module.tree is None:
            return ()
        functions = _functions(module.tree, "")
        changed = (name for name, first, last in functions if any(first <= line <= last for line in lines))
        return tuple(dict.fromkeys(changed))


def changes_since(revision: str, folder: Path) -> Changes:
    """Asks git what changed between a revision and the working tree below a folder, untracked files included.

    Raises Problem: INVALID_ARGUMENT `GIT_RANGE_INVALID`, NOT_FOUND `GIT_RANGE_UNKNOWN`, FAILED_PRECONDITION
    `NOT_A_CHECKOUT` or `GIT_MISSING`.
    """
    if ".." in revision:
        message = f"{revision[:100]!r} is a range, and the working tree is its end already."
        raise invalid("GIT_RANGE_INVALID", _OPTION, message, _REMEDIES["GIT_RANGE_INVALID"])
    try:
        diff = diff_of(folder, revision)
    except Problem as failure:
        remedy = _REMEDIES.get(failure.reason, f"Leave {_OPTION} out.")
        message = failure.message.replace("is no range of commits", "is no name of a commit")
        raise Problem(failure.code, failure.reason, message, remedy) from None
    lines: dict[Path, set[int]] = {}
    for name, number in _changed(diff):
        lines.setdefault(folder / name, set()).add(number)
    return Changes(lines=lines, new=frozenset(folder / name for name in _untracked(folder)))


def _changed(diff: str) -> Iterator[tuple[str, int]]:
    """Yields the file and the line of each change; lines that were taken away are told by the one before them."""
    name, left = "", 0
    for line in diff.splitlines():
        if left > 0 and line[:1] in {"+", "-"}:
            left -= 1
        elif line.startswith("+++ "):
            name = _unquoted(line[4:].rstrip("\t"))
        elif match := _HUNK.match(line):
            taken, first, added = int(match[1] or 1), int(match[2]), int(match[3] or 1)
            left = taken + added
            yield from ((name, number) for number in range(first, first + max(1, added)))


def _unquoted(path: str) -> str:
    if path.startswith('"'):
        path = path.strip('"').encode().decode("unicode_escape").encode("latin-1", "replace").decode("utf-8", "replace")
    return path.removeprefix("b/")


def _untracked(folder: Path) -> Collection[str]:
    git = shutil.which("git")
    if git is None:
        raise problem(Code.FAILED_PRECONDITION, "GIT_MISSING", "There is no git here.", _REMEDIES["GIT_MISSING"])
    # A checkout's own settings may name a program that git would ask for what changed.
    command = [git, "-c", "core.fsmonitor=false", "ls-files", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=folder, capture_output=True, timeout=_GIT_SECONDS, check=False)  # noqa: S603 — no shell
    return [name for name in listed.stdout.decode("utf-8", "replace").split("\0") if name]


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, int, int]]:
    """Yields the qualified name, first and last line of every function and method; decorators are part of it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([child.lineno, *(each.lineno for each in child.decorator_list)])
            yield prefix + child.name, first, child.end_lineno or child.lineno
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.If | ast.Try | ast.With):
            yield from _functions(child, prefix)
