"""What the source of a file tells the analysis: its functions, decisions, handlers, calls, entry points and risks.

One reader a language (`outlines/`) makes these values from a file's text; gaps, severity and critical paths are
computed from them and know no language. Lines count from 1, ranges are inclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MODULE = "<module>"
"""The symbol that stands for a file's own level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of a function: what a suggestion may give it. `annotation` and `default` as the source has them."""

    name: str
    annotation: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call in a function's body: its line, and the callee as written (`self.charge`, `payments.charge_card`)."""

    line: int
    callee: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A function or method, with the code that is its own (nested functions are symbols of their own)."""

    name: str
    """Qualified in its file: `Cart.total`, `outer.inner`; `<module>` for the file's own level."""
    kind: str
    """`function`, `method`, `class` or `module`."""
    first: int
    """With its decorators."""
    last: int
    body: int
    """The first line of the body, so that a function on one line is told from its head."""
    complexity: int = 1
    """McCabe's: one, and one more for each decision."""
    parameters: tuple[Parameter, ...] = ()
    calls: tuple[Call, ...] = ()
    entry: str = ""
    """What makes it an entry point: `route`, `command`, `main`, `handler`, `public`; empty if nothing does."""
    risks: tuple[tuple[str, int, str], ...] = ()
    """What it puts at risk itself: the kind (`money`, `database` …), the line, and the text that shows it."""
    public: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A condition and what it decides. `true` and `false` are the first lines reached; 0 where that is the exit."""

    line: int
    kind: str
    """`if`, `while`, `for`, `match`, `ternary`, `boolean`, `except`, `switch` …"""
    condition: str
    """As the source has it, on one line."""
    true: int = 0
    false: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A file, as the analysis sees it."""

    language: str
    symbols: tuple[Symbol, ...] = ()
    """In the order of the file; the last of those that hold a line is its innermost."""
    decisions: tuple[Decision, ...] = ()
    handlers: tuple[tuple[int, int], ...] = ()
    """Bodies of exception handlers: first and last line."""
    skipped: frozenset[int] = frozenset()
    """Lines that no gap is told for: `TYPE_CHECKING` blocks, `if __name__ == "__main__"`, abstract bodies, overloads,
    those that only say that they are not implemented, and those that a pragma of the language leaves out."""
    imports: Mapping[str, str] = field(default_factory=dict[str, str])
    """Local names to what they mean: `np` to `numpy`, `charge_card` to `shop.payment.charge_card`."""
    module: str = ""
    """How other files import it: `shop.payment` in Python, the path without its ending elsewhere."""

    def symbol_at(self, line: int) -> Symbol | None:
        """Returns the innermost symbol that holds the line."""
        found = [each for each in self.symbols if each.first <= line <= each.last]
        return max(found, key=lambda each: (each.first, -each.last), default=None)
