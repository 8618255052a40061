"""SlipCover's JSON: coverage.py's, without functions; a branch that leaves the function leads to line 0."""

from __future__ import annotations

import re

from headwater.coverage.formats import Format
from headwater.coverage.formats.coverage_json import read

_MINE = re.compile(rb'"software"\s*:\s*"slipcover"')


def _sniff(head: bytes) -> bool:
    return bool(_MINE.search(head))


FORMAT = Format(
    name="slipcover",
    title="SlipCover JSON",
    sniff=_sniff,
    read=read,
    overall=("lines", "branches"),
)
