"""Names runs so that their ids sort by time, which is what `RunQuery.before` and the order of lists rest on."""

from __future__ import annotations

import secrets

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def new_run_id(now: float) -> str:
    """Makes a run id: a ULID in lower case, 48 bits of milliseconds and 80 random ones."""
    number = int(now * 1000) << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
