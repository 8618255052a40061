"""Writes the constraints of tables, as models and migrations take them."""

from __future__ import annotations

from headwater.synthesis.project.python import INDENT, call, quoted, text_argument
from headwater.synthesis.project.schema import Check, Index, Unique


def unique(each: Unique, indent: str = "") -> str:
    """Returns a constraint on columns that are unique in combination."""
    return call("sa.UniqueConstraint(", [*map(quoted, each.columns), f"name={quoted(each.name)}"], indent=indent)


def check(each: Check, indent: str = "") -> str:
    """Returns a condition."""
    arguments = [text_argument(each.sql, indent + INDENT), f"name={quoted(each.name)}"]
    return call("sa.CheckConstraint(", arguments, indent=indent)


def index(each: Index, indent: str = "") -> str:
    """Returns an index."""
    return call("sa.Index(", [quoted(each.name), *map(quoted, each.columns)], indent=indent)
