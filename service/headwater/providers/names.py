"""The names by which providers are asked: those that need no vendor, the vendors, and one behind the other by `+`."""

from __future__ import annotations

from headwater.errors import Problem, invalid
from headwater.providers import PROVIDERS
from headwater.providers.vendors import VENDORS

FIRST = "embedded+"
"""Before a vendor's name: the embedded engine searches first, the vendor is asked for what it could not reach."""


def check_provider(name: str) -> None:
    """Refuses a name that means nobody: `embedded`, `openai`, `openai:gpt-4o` and `embedded+openai` mean someone.

    Raises Problem INVALID_ARGUMENT `PROVIDER_UNKNOWN`.
    """
    vendor = name.removeprefix(FIRST).partition(":")[0]
    known = VENDORS.keys() if name.startswith(FIRST) else PROVIDERS.keys() | VENDORS.keys()
    if vendor not in known:
        raise unknown_provider(name)


def unknown_provider(name: str) -> Problem:
    """Refuses a provider that is not in the tables."""
    own, vendors = ", ".join(sorted(PROVIDERS)), ", ".join(sorted(VENDORS))
    remedy = f"Use one of: {own}; with a key: {vendors}, as in openai:gpt-4o; or embedded+openai."
    return invalid("PROVIDER_UNKNOWN", "provider", f"There is no provider called {name[:100]!r}.", remedy)
