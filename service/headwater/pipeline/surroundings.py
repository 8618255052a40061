"""What a repair of a test knows about the place where the test stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from headwater.pipeline.symbols import Symbols


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a test stands in: the module under test, the names that the test file binds, and helpers that it has not.

    `known` are the names of imports and helpers beside the test; `helpers` is the code of helpers that stand elsewhere.
    """

    module: str
    symbols: Symbols
    known: frozenset[str] = frozenset()
    helpers: Mapping[str, str] = field(default_factory=dict[str, str])


Repair: TypeAlias = Callable[[str, str, Surroundings], str | None]
"""A repair: the test's code and what the failure said, in; a new version, or None where it does not apply, out."""
