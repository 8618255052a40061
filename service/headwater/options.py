"""Makes the options of `serve` from the settings, so that there is one of each and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from headwater.config import Settings


def serve_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds an option for each setting; its value is checked where the settings are."""
    for name, field in reversed(Settings.model_fields.items()):
        flag = f"--{name.replace('_', '-')}"
        command = click.option(flag, name, metavar="VALUE", help=f"{field.description} {_default(field)}")(command)
    return command


def _default(field: Any) -> str:
    """Shows a default that says something: no empty text, list or secret."""
    value = field.get_default(call_default_factory=True)
    return f"[default: {value}]" if value not in (None, "", ()) and str(value) else ""
