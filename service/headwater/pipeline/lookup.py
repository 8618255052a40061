"""Shows a model the definition of a name of the code base: the tool `look_up`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from headwater.providers.models import ToolCall, ToolSpec

Read: TypeAlias = Callable[[str], str | None]
"""Returns the text of a file of the code base by its path from the import root; None when there is none."""
Find: TypeAlias = Callable[[str], str | None]
"""Returns the definition of a name with its place; None where it is not found."""

TOOL = ToolSpec(
    name="look_up",
    description=(
        "Shows how a class, function, method or constant of the code base is defined. Name it as the code does, "
        "such as Order, Order.total or shop.cart.Order."
    ),
    parameters={
        "type": "object",
        "properties": {"name": {"type": "string", "description": "What to look up."}},
        "required": ["name"],
        "additionalProperties": False,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpLimits:
    """Bounds of one answer."""

    characters: int = 6000
    hops: int = 6
    """How many imports, re-exports and base classes are followed."""
    name_characters: int = 200


class LookUp:
    """Answers calls of the tool, whatever the model made of its arguments."""

    def __init__(self, find: Find, limits: LookUpLimits | None = None) -> None:
        """Finds definitions by `find`."""
        self._find = find
        self._limits = limits or LookUpLimits()

    def call(self, call: ToolCall) -> str:
        """Answers a call."""
        try:
            arguments: Any = json.loads(call.arguments or "{}")
        except ValueError:
            return 'The arguments are no JSON. Call it as {"name": "Order.total"}.'
        name: Any = cast("dict[str, Any]", arguments).get("name") if isinstance(arguments, dict) else None
        if call.name != TOOL.name or not isinstance(name, str):
            return f'There is one tool, {TOOL.name}, called as {{"name": "Order.total"}}.'
        return self.look_up(name)

    def look_up(self, name: str) -> str:
        """Returns the definition with its place, a class with its methods cut to their signatures."""
        name = name.strip().removesuffix("()")[: self._limits.name_characters]
        found = self._find(name)
        if found is None:
            return f"{name} is not defined in the code base, or not in a file that can be read."
        return found if len(found) <= self._limits.characters else found[: self._limits.characters] + "\n..."
