"""Writes names of the standard library as people import them: `Decimal("1.5")` for `decimal.Decimal("1.5")`.

What the guest sends names everything by its module, so that nothing is mistaken for a name of the code under test.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

NAMES: Mapping[str, tuple[str, ...]] = {
    "collections": ("ChainMap", "Counter", "OrderedDict", "UserDict", "UserList", "defaultdict", "deque"),
    "datetime": ("MAXYEAR", "MINYEAR", "UTC", "date", "datetime", "time", "timedelta", "timezone", "tzinfo"),
    "decimal": ("Decimal",),
    "fractions": ("Fraction",),
    "pathlib": ("Path", "PosixPath", "PurePath", "PurePosixPath", "PureWindowsPath"),
    "types": ("MappingProxyType", "SimpleNamespace"),
    "uuid": ("UUID",),
}
"""What is imported by its own name, by modules; of a module that is called like one of its classes, all it has."""
Origins = Mapping[str, tuple[str, str]]


def bare_names(origins: Origins) -> dict[str, str]:
    """Returns the names that stand alone, with their modules: none where the tests mean something else by one."""
    found: dict[str, str] = {}
    for home, names in NAMES.items():
        if origins.get(home, (home, "")) == (home, "") and not any(name in origins for name in names if name != home):
            found.update(dict.fromkeys(names, home))
    return found


def with_bare_names(text: str, bare: Mapping[str, str]) -> str:
    """Returns a text of Python in which these names stand without their modules."""
    places = sorted(_places(text, bare), reverse=True)
    lines = text.encode().split(b"\n")  # columns of a tree count bytes
    for line, start, end in places:
        lines[line] = lines[line][:start] + lines[line][end:]
    return b"\n".join(lines).decode()


def _places(text: str, bare: Mapping[str, str]) -> Iterable[tuple[int, int, int]]:
    """Yields where a module and its dot stand before such a name: the line, from which to which column."""
    for node in ast.walk(ast.parse(text)):
        of = node.value if isinstance(node, ast.Attribute) else None
        if isinstance(node, ast.Attribute) and isinstance(of, ast.Name) and bare.get(node.attr) == of.id:
            end = node.end_col_offset or 0
            if of.lineno == node.end_lineno:
                yield of.lineno - 1, of.col_offset, end - len(node.attr.encode())
