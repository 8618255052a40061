"""Chooses files by patterns: `*` and `?` within a part of a path, `**` over any number of parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_TOKEN = re.compile(r"(?<![^/])\*\*/|/\*\*$|\*\*|\*|\?|\[!?[^\]]+\]|.", re.DOTALL)
_FAR = {"**/": "(?:.*?/)??", "**": ".*?"}
_NEAR = "[^/]*?"
"""Each is tried shortest first."""
_BELOW = "(?:/.*)?"


def chooser(include: Sequence[str], exclude: Sequence[str]) -> Callable[[str], bool]:
    """Returns what says whether a path is wanted: it matches one of `include`, if there are any, and none of `exclude`.

    A pattern without `/` is matched against the file's name, in whatever folder it lies.
    """
    wanted, unwanted = _pattern(include), _pattern(exclude)

    def choose(path: str) -> bool:
        return (wanted is None or bool(wanted.match(path))) and not (unwanted is not None and unwanted.match(path))

    return choose


def _pattern(globs: Sequence[str]) -> re.Pattern[str] | None:
    if not globs:
        return None
    return re.compile("|".join(f"(?:{_translated(each)})" for each in globs), re.DOTALL)


def _translated(glob: str) -> str:
    """Writes a pattern as a regex that ends soon, whatever the path.

    What a `*` or `**` takes is settled as soon as what follows it, up to the next one, is found: a later place would
    only leave less for the rest. So nothing is tried again, and time does not explode with the number of stars.
    """
    glob = glob.removeprefix("./")
    glob = f"{glob}**" if glob.endswith("/") else glob
    glob = glob if "/" in glob else f"**/{glob}"
    blocks = [[""]]
    for sign in _TOKEN.findall(glob):
        if sign in _FAR:
            blocks.append([_FAR[sign]])
        elif sign == "*":
            blocks[-1].append(_NEAR)
        elif sign == "/**":
            blocks[-1][-1] += _BELOW
        else:
            blocks[-1][-1] += _part(sign)
    blocks[-1][-1] += r"\Z"
    return "".join(f"(?>{first}{''.join(f'(?>{each})' for each in rest)})" for first, *rest in blocks)


def _part(sign: str) -> str:
    if sign == "?":
        return "[^/]"
    if not (sign.startswith("[") and sign.endswith("]")):
        return re.escape(sign)
    opposite = sign.startswith("[!")
    inner = re.sub(r"([\\\[^&~|])", r"\\\1", sign[2 if opposite else 1 : -1]).replace("--", r"-\-")
    chosen = f"(?!/)[{'^' if opposite else ''}{inner}]"
    try:
        re.compile(chosen)
    except re.error:
        return re.escape(sign)  # `[b-a]` and `[!]` choose nothing: they stand for themselves.
    return chosen
