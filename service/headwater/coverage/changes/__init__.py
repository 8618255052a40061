"""Reads unified diffs: which lines of which files are new or changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from headwater.coverage import LINE_BOUND
from headwater.errors import Problem, invalid

_HUNK = re.compile(r"@@ -[0-9]{1,8}(?:,([0-9]{1,8}))? \+([0-9]{1,8})(?:,([0-9]{1,8}))? @@")
_PREFIX = re.compile(r"[abciow12]/")
"""What git sets before a path: `a/` and `b/`, or letters for index, commit, object and working tree."""
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_MEANS = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_NOTHING = "/dev/null"
_ADDED = 1
_SIGNS = {"+": (0, _ADDED), "-": (1, 0), " ": (1, 1), "": (1, 1), "\r": (1, 1), "\\": (0, 0)}
"""How many lines of the old and the new side a line of a hunk is; mailers cut the blank off an empty one."""


def read_diff(text: str) -> dict[str, frozenset[int]]:
    """Returns the lines that a diff adds or changes, by the file's new path; deleted and binary files are left out.

    Raises Problem INVALID_ARGUMENT `DIFF_MALFORMED`, with the line, for what is no unified diff, one that is cut, and
    a combined one.
    """
    lines = text.split("\n")
    found: dict[str, set[int]] = {}
    known = False
    path: str | None = None
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith(("@@@", "diff --cc ", "diff --combined ")):
            raise _malformed(at, "it is a combined diff of a merge", "Make it by `git diff main...HEAD`.")
        if line.startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ "):
            path = _path(line, lines[at + 1])
            known, at = True, at + 2
            if at >= len(lines) or not lines[at].startswith("@@ "):
                raise _malformed(at, "no change follows the name of a file")
        elif line.startswith("@@ "):
            if path is None:
                raise _malformed(at, "a change stands before the name of its file")
            at = _hunk(lines, at, found.setdefault(path, set()))
        else:
            if line.startswith("diff "):
                known, path = True, None
            at += 1
    if not known and text.strip():
        raise _malformed(0, "it holds no file", "Make it by `git diff`.")
    found.pop(_NOTHING, None)
    return {name: frozenset(numbers) for name, numbers in found.items()}


def _hunk(lines: Sequence[str], head: int, added: set[int]) -> int:
    """Adds the new lines of a hunk, and returns where it ends."""
    match = _HUNK.match(lines[head])
    if match is None:
        raise _malformed(head, "this is no head of a change")
    old, number, new = int(match[1] or 1), int(match[2]), int(match[3] or 1)
    if number + new > LINE_BOUND:
        raise _malformed(head, f"no file has more than {LINE_BOUND} lines")
    at = head + 1
    last = len(lines) - 1
    while old or new:
        line = lines[at] if at < last or (at == last and lines[at]) else None
        signs = _SIGNS.get(line[:1]) if line is not None else None
        if signs is None:
            raise _malformed(at, f"the change of line {head + 1} breaks off")
        if signs[0] > old or signs[1] > new:
            raise _malformed(at, f"the change of line {head + 1} is not as long as that says")
        if line is not None and line[:1] == "+":
            added.add(number)
        old, new, number, at = old - signs[0], new - signs[1], number + signs[1], at + 1
    if at <= last and lines[at][:1] in {"+", "-"} and not lines[at].startswith(("--- ", "-- ")):
        raise _malformed(at, f"the change of line {head + 1} is longer than that says")
    return at


def _path(old: str, new: str) -> str:
    """Returns the new path of a file from the two lines that name it, without the letters that git sets before it."""
    before, after = _plain(old), _plain(new)
    if after == _NOTHING:
        return after
    prefixed = _PREFIX.match(after) and (before == _NOTHING or (_PREFIX.match(before) and before[0] != after[0]))
    return after[2:] if prefixed else after


def _plain(line: str) -> str:
    r"""Returns the path of a line, without a date after it and git's quotes: `"b/\303\244.py"` is UTF-8 in octal."""
    name = line[4:].rstrip("\r")
    if not name.startswith('"'):
        return name.partition("\t")[0].rstrip(" ")
    quoted = name.rpartition('"')[0][1:].encode()
    return _ESCAPE.sub(_unescaped, quoted).decode("utf-8", "replace")


def _unescaped(match: re.Match[bytes]) -> bytes:
    sign = match[1]
    return bytes([int(sign, 8) & 0xFF]) if len(sign) > 1 else _MEANS.get(sign, sign)


def _malformed(at: int, fault: str, remedy: str = "Send it whole.") -> Problem:
    return invalid(
        "DIFF_MALFORMED", "diff", f"Line {at + 1} of the diff cannot be read: {fault}.", remedy, line=str(at + 1)
    )
