"""Checks single fields of a request: usable, or refused with the path, the reason and the remedy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

from headwater.errors import invalid


def between(field: str, value: int, least: int, most: int) -> int:
    """Returns the value. Raises Problem `OUT_OF_BOUNDS`."""
    if not least <= value <= most:
        message = f"{value} is outside {least} to {most}."
        raise invalid("OUT_OF_BOUNDS", field, message, "Use a number within the bounds.", value=str(value))
    return value


def percentage(field: str, value: float) -> float:
    """Returns the value. Raises Problem `OUT_OF_BOUNDS` unless it lies between 0 and 100."""
    if math.isnan(value) or not 0 <= value <= 100:  # noqa: PLR2004 — percent
        message = f"{value:g} is not a percentage."
        raise invalid("OUT_OF_BOUNDS", field, message, "Use a number from 0 to 100.", value=f"{value:g}")
    return value


def plain(value: Any) -> Any:
    """Returns a value without the keys that are None: `json_format` takes those for a fault in some places."""
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in cast("Mapping[str, Any]", value).items() if each is not None}
    if isinstance(value, list):
        return [plain(each) for each in cast("list[Any]", value)]
    return value
