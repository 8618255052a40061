"""Checks that a path of a stranger stays inside its tree, on every system."""

from __future__ import annotations

import re

from headwater.errors import invalid
from headwater.sources.values import SourceLimits

DRIVE = re.compile(r"[A-Za-z]:")
RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\..*)?", re.IGNORECASE | re.DOTALL)
"""What Windows takes for a device whatever its extension."""


def check_path(path: str, field: str, limits: SourceLimits) -> str:
    """Returns the path, or raises Problem `SOURCE_PATH_INVALID` for the field."""
    fault = path_fault(path, limits)
    if fault is None:
        return path
    raise invalid(
        "SOURCE_PATH_INVALID",
        field,
        f"The path {quoted(path)} {fault}.",
        "Use a relative path with forward slashes, such as shop/cart.py.",
        fault=fault,
    )


def path_fault(path: str, limits: SourceLimits) -> str | None:
    """Says what makes a path unusable, to stand after `The path …`; None when it is relative, plain and short."""
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        return "is not Unicode text"
    faults = (
        (not path, "is empty"),
        (size > limits.path_bytes, f"is longer than {limits.path_bytes} bytes"),
        ("\0" in path, "holds a NUL character"),
        (not path.isprintable(), "holds a character that cannot be shown"),
        ("\\" in path, "holds a backslash"),
        (path.startswith("/"), "is absolute"),
        (DRIVE.match(path) is not None, "begins with a drive letter"),
    )
    return next((words for bad, words in faults if bad), None) or _parts_fault(path.split("/"), limits)


def quoted(path: str) -> str:
    """Shows a stranger's path to a person: escaped, and cut where it is long."""
    room = 80
    return ascii(path) if len(path) <= room else f"{path[:room]!a}…"


def _parts_fault(parts: list[str], limits: SourceLimits) -> str | None:
    if len(parts) > limits.path_parts:
        return f"is deeper than {limits.path_parts} folders"
    return next(filter(None, (_part_fault(part, limits) for part in parts)), None)


def _part_fault(part: str, limits: SourceLimits) -> str | None:
    faults = (
        (not part, "holds an empty part"),
        (part in {".", ".."}, f"holds the part {part!r}"),
        (len(part.encode()) > limits.part_bytes, f"holds a part longer than {limits.part_bytes} bytes"),
        (RESERVED.fullmatch(part) is not None, f"holds the reserved name {part!r}"),
        (part.endswith((" ", ".")), "holds a part that ends with a space or a dot"),
    )
    return next((words for bad, words in faults if bad), None)
