"""Searches inputs for one module, beside it in the sandbox, and sends what it saw.

Runs under the user's interpreter: the standard library only, from Python 3.9 on. `main` gets a request and sends events
as JSON objects, in this order: `import` (whether the module could be imported, and what it offers); for each target
`target`, then `cases`; `round` after every target had its turn; last `finished`. Results are sent target by target, so
that what was found is kept even if the code under test takes the process down.
"""

from __future__ import annotations

from typing import Any, Callable, Dict

from .session import Session


def main(request: Dict[str, Any], send: Callable[[Dict[str, Any]], None]) -> None:
    """Runs one search: see `session` for the request's fields."""
    Session(request, send).run()
