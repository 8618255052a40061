"""Finds the names that a test uses and nothing binds, and where they may come from."""

from __future__ import annotations

import ast
import builtins
import difflib
import re
import symtable
import sys
from collections.abc import Iterable, Iterator, Mapping

from headwater.pipeline.pieces import FILENAME, bound_names, parse
from headwater.pipeline.symbols import Symbols

WELL_KNOWN: Mapping[str, str] = {
    **dict.fromkeys(
        ("AsyncMock", "MagicMock", "Mock", "PropertyMock", "call", "create_autospec", "mock_open", "patch", "sentinel"),
        "unittest.mock",
    ),
    **dict.fromkeys(("BytesIO", "StringIO"), "io"),
    **dict.fromkeys(("Counter", "OrderedDict", "defaultdict", "deque", "namedtuple"), "collections"),
    **dict.fromkeys(("ExitStack", "contextmanager", "redirect_stderr", "redirect_stdout", "suppress"), "contextlib"),
    **dict.fromkeys(("date", "timedelta", "timezone"), "datetime"),
    **dict.fromkeys(("Any", "Dict", "Generic", "List", "NamedTuple", "Optional", "TypeVar", "Union"), "typing"),
    **dict.fromkeys(("NamedTemporaryFile", "TemporaryDirectory"), "tempfile"),
    **dict.fromkeys(("partial", "reduce", "wraps"), "functools"),
    **dict.fromkeys(("Enum", "IntEnum"), "enum"),
    "ABC": "abc",
    "ANY": "unittest.mock",
    "Decimal": "decimal",
    "Fraction": "fractions",
    "ModuleType": "types",
    "Path": "pathlib",
    "SimpleNamespace": "types",
    "TestCase": "unittest",
    "UUID": "uuid",
    "dataclass": "dataclasses",
    "mock": "unittest",
}
"""The module of names that tests use so often that nobody wonders where they come from."""
LIKENESS = 0.8
"""How alike, from 0 to 1, two names must be for one to be a slip of the other."""
FROM_MODULE = re.compile(r"\bdatetime\.(?:datetime|date|time|timedelta|timezone)\b")


def missing_names(code: str) -> set[str]:
    """Returns the names that the code reads and does not bind, but for builtins. Raises SyntaxError."""
    table = symtable.symtable(code, FILENAME, "exec")
    bound = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    bound |= {child.get_name() for child in table.get_children()}
    return set(_read(table)) - bound - set(dir(builtins)) - {"__file__", "__name__"}


def missing_parameters(code: str) -> Iterator[str]:
    """Yields the parameters of tests and fixtures that no decorator binds: fixtures that must come from somewhere."""
    tree = parse(code)
    bound = {name for statement in tree.body for name in bound_names(statement)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
            node.name.startswith("test") or any("fixture" in ast.unparse(each) for each in node.decorator_list)
        ):
            texts = " ".join(ast.unparse(each) for each in node.decorator_list)
            given = len(node.args.defaults)
            names = [each.arg for each in node.args.args]
            free = (name for name in names[: len(names) - given] if name not in bound)
            yield from (name for name in free if not re.search(rf"\b{name}\b", texts))


def resolve(name: str, code: str, module: str, symbols: Symbols) -> str:
    """Returns the import that binds a name; empty when it is not known."""
    package, _, last = module.rpartition(".")
    origin = symbols.imported.get(name, ("", ""))
    if name in symbols.certain and origin[0].partition(".")[0] in sys.stdlib_module_names:
        source, member = origin
    elif name in symbols.certain:
        source, member = module, name
    elif name == "datetime" and not FROM_MODULE.search(code):
        source, member = name, name
    elif name == "pytest" or name in sys.stdlib_module_names:
        source, member = name, ""
    elif name in WELL_KNOWN:
        source, member = WELL_KNOWN[name], name
    elif name == last and package:
        source, member = package, name
    elif name == module.partition(".")[0]:
        return f"import {module}"
    else:
        return ""
    alias = "" if (member or source) == name else f" as {name}"
    return f"from {source} import {member}{alias}" if member else f"import {source}{alias}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns the one known name that a name is a slip of.

    That is a name with other underscores or case, a private one as Python calls it, or one that is a few letters off.
    """
    candidates = sorted(set(known) - {name})
    private = f"__{name.lstrip('_')}"
    plain = [each for each in candidates if _bare(each) == _bare(name) or each.endswith(private)]
    alike = plain or difflib.get_close_matches(name, candidates, n=2, cutoff=LIKENESS)
    return alike[0] if len(alike) == 1 else ""


def _bare(name: str) -> str:
    return name.replace("_", "").lower()


def _read(table: symtable.SymbolTable) -> Iterator[str]:
    """Yields the names that are read as globals, in the table and those below."""
    for symbol in table.get_symbols():
        is_global = symbol.is_global() or table.get_type() == "module"
        if is_global and symbol.is_referenced():
            yield symbol.get_name()
    for child in table.get_children():
        yield from _read(child)
