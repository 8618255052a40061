"""Takes runs of plain rows out of an XML document's bytes, which are read together in a fraction of the time.

Each run leaves an empty element in its place, so that the parser says when it is its turn. It is done only where every
`<` begins an element: not with comments, CDATA or instructions about, nor ever again after one that might be open.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field

MARK = "headwater-run"
"""The name of the element in a run's place."""
_MARK = f"<{MARK}/>".encode()
_ASIDE = re.compile(rb"\A<\?xml[^<>]*\?>|<!DOCTYPE[^\[\]<>]*>|<!--(?:(?!--).)*-->", re.DOTALL)
_LEFT = re.compile(rb"<[!?]")


@dataclass(slots=True, kw_only=True)
class Runs:
    """The runs that were taken out, and whether more may be."""

    pattern: re.Pattern[bytes]
    """Matches rows that follow each other, each an empty element without references."""
    certain: bool = True
    """Whether every comment and the like that began has ended."""
    taken: deque[bytes] = field(default_factory=deque[bytes])
    """Runs whose turn has not come."""
    _edge: bytes = b""
    """How the piece before ended."""

    def cut(self, chunk: bytes) -> bytes:
        """Returns a piece of the document without its runs; its lines keep their numbers."""
        if not self.certain:
            return chunk
        whole, self._edge = self._edge + chunk, chunk[-1:] or self._edge
        if _LEFT.search(whole):
            self.certain = _LEFT.search(_ASIDE.sub(b"", whole)) is None
            return chunk
        return self.pattern.sub(self._take, chunk)

    def _take(self, match: re.Match[bytes]) -> bytes:
        run = match[0]
        self.taken.append(run)
        return _MARK + b"\n" * run.count(b"\n")
