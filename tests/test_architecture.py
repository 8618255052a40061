"""The house stands as ARCHITECTURE.md draws it: arrows point down, and what must not be is not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "service" / "headwater"
CLIENT = ROOT / "clients" / "python" / "headwater_client"

LEAVES = {"errors", "v1", ""}
VALUES = {"sandbox", "store", "providers"}
"""Rooms whose `__init__` holds the values and protocols that the rooms above speak."""

MAY_IMPORT = {
    "errors": set(),
    "v1": set(),
    "status": {"errors"},
    "logs": {"errors"},
    "measures": {"errors"},
    "metrics": {"errors", "measures"},
    "tokens": {"errors", "jwks"},
    "jwks": {"errors"},
    "auth": {"errors", "jwks", "tokens"},
    "config": {"errors"},
    "importing": {"errors"},
    "sources": {"errors"},
    "synthesis": {"errors"},
    "sandbox": {"errors"},
    "store": {"errors"},
    "coverage": {"errors", "sources"},
    "providers": {"errors", "importing", "synthesis"},
    "pipeline": {"errors", "importing", "providers", "sandbox", "coverage"},
    "proof": {"errors", "sandbox", "synthesis"},
    "projects": {"errors", "proof", "providers", "synthesis"},
    "rpc": {
        *("errors", "v1", "pipeline", "coverage", "projects", "proof"),
        *("synthesis", "sources", "providers", "sandbox", "store"),
    },
    "policy": {"errors", "v1"},
    "methods": {"errors", "v1", "rpc"},
    "turns": {"errors", "metrics"},
    "journal": {"errors", "store"},
    "watch": {"errors", "journal", "methods", "metrics", "store"},
    "live": {"errors", "journal", "logs", "methods", "rpc", "status", "store", "turns", "v1", "watch"},
    "runs": {"errors", "journal", "live", "methods", "metrics", "policy", "rpc", "store", "turns", "v1", "watch"},
    "dispatch": {"auth", "errors", "methods", "metrics", "rpc", "runs", "watch"},
    "watched": {"sandbox"},
    "vendor_metrics": {"providers"},
    "gateway": {"auth", "errors", "methods", "status", "store", "v1"},
    "grpc_face": {"auth", "dispatch", "errors", "methods", "metrics", "status", "v1"},
    "packages": {"coverage", "errors", "sandbox", "v1"},
    "render": {"errors", "v1"},
    "show": {"errors", "v1"},
}
"""What each room may import of the others; the composition root and the command line may import anything."""

COMPOSITION = {"service", "server", "local", "tls", "writers", "proving"}
ROOTS = COMPOSITION | {
    "__main__",
    "cli",
    "coverage_command",
    "listing",
    "options",
    "package_command",
    "package_telling",
    "parcel",
    "project_command",
    "telling",
    "tests_command",
    "tests_options",
    "welcome",
}
BANNED_NAMES = {"utils", "helpers", "common", "base", "manager", "misc", "util"}
SDKS = {"openai", "anthropic", "ollama"}
WORDLESS = {
    "errors",
    "sources",
    "synthesis",
    "sandbox",
    "store",
    "coverage",
    "providers",
    "pipeline",
    "proof",
    "projects",
}
"""The rooms below the orchestrators, which know no word of the wire."""
FILE_LINES, FUNCTION_LINES = 400, 70
GUESTS = {
    PACKAGE / "sandbox" / "guest": {"pytest", "_pytest", "coverage", "pytest_asyncio"},
    PACKAGE / "synthesis" / "guest": {"pytest", "_pytest", "coverage", "pytest_asyncio"},
    PACKAGE / "packages" / "guest": {"pytest", "coverage"},
    PACKAGE / "proof" / "guest": {"alembic", "fastapi", "hypothesis", "jwt", "schemathesis", "sqlalchemy"},
}
"""What runs inside the sandbox, and what it may import beside the standard library."""


def sources() -> list[Path]:
    found = [*PACKAGE.rglob("*.py"), *CLIENT.rglob("*.py")]
    return sorted(path for path in found if path.parent != PACKAGE / "v1")


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0] if parts != ("__init__",) else ""


def imports(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno
            if node.module == "headwater":
                yield from ((f"headwater.{alias.name}", node.lineno) for alias in node.names)


SERVICE = [path for path in sources() if path.is_relative_to(PACKAGE)]


@pytest.mark.parametrize("path", SERVICE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_point_down(path: Path) -> None:
    """A room imports only the rooms below it."""
    mine = room(path)
    if mine in ROOTS or not mine:
        return
    allowed = MAY_IMPORT[mine] | {mine}
    for name, line in imports(path):
        if name.startswith("headwater.") and name != "headwater.__version__":
            other = name.split(".")[1]
            assert other in allowed, f"{path}:{line} imports {name}: {mine} may import {sorted(allowed)}"


def test_every_room_is_drawn() -> None:
    """Each file and folder of the service stands in the table of arrows."""
    rooms = {room(path) for path in SERVICE} - ROOTS - {""}
    assert rooms <= MAY_IMPORT.keys()


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_are_short(path: Path) -> None:
    """A file has at most 400 lines, a function 70, and no file is called utils."""
    text = path.read_text()
    assert text.count("\n") <= FILE_LINES
    assert path.stem not in BANNED_NAMES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < FUNCTION_LINES, f"{path}:{node.lineno} {node.name}"


@pytest.mark.parametrize("path", SERVICE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_public_names_say_what_they_do(path: Path) -> None:
    """Every public module, class and function has a docstring."""
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), path
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path}:{node.lineno} {node.name}"


@pytest.mark.parametrize("path", SERVICE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_absences(path: Path) -> None:
    """Only config reads the environment, no protobuf below rpc, SDKs in one file each, one `except Exception`."""
    text, mine = path.read_text(), room(path)
    names = {name for name, _ in imports(path)}
    guest = any(path.is_relative_to(folder) for folder in GUESTS)
    if mine != "config" and not guest:
        assert not any(reads_environment(node) for node in ast.walk(ast.parse(text))), path
    if mine in {
        "errors",
        "pipeline",
        "providers",
        "sandbox",
        "store",
        "synthesis",
        "sources",
        "coverage",
        "proof",
        "projects",
    }:
        assert not any(name.startswith(("google.", "grpc", "uvicorn")) for name in names), path
    assert not (names & SDKS) or mine == "providers"
    if not guest:
        swallowed = [node.lineno for node in ast.walk(ast.parse(text)) if is_broad(node)]
        assert not swallowed or path.name == "live.py", f"{path}: {swallowed}"


def reads_environment(node: ast.AST) -> bool:
    """Whether an expression is `os.environ` or `os.getenv`; text that is rendered may hold the words."""
    return isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}


def is_broad(node: ast.AST) -> bool:
    """Whether a handler catches everything and does not raise it again."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    broad = node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
    last = node.body[-1]
    return broad and not (isinstance(last, ast.Raise) and last.exc is None)


@pytest.mark.parametrize(
    "path",
    [path for folder in GUESTS for path in folder.rglob("*.py")],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_guests_stand_alone(path: Path) -> None:
    """What runs inside the sandbox imports the standard library, what is tested there, and nothing of ours."""
    import sys  # noqa: PLC0415

    known = next(names for folder, names in GUESTS.items() if path.is_relative_to(folder))
    for name, line in imports(path):
        top = name.split(".")[0]
        assert top in sys.stdlib_module_names | known | {"__future__"}, f"{path}:{line} {name}"


@pytest.mark.parametrize("path", SERVICE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_mutable_module_state(path: Path) -> None:
    """A module binds no list, dict or set that anybody could change, but tables written in capitals that none does."""
    for node in ast.parse(path.read_text()).body:
        target = (
            node.targets[0]
            if isinstance(node, ast.Assign)
            else node.target
            if isinstance(node, ast.AnnAssign)
            else None
        )
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(
            value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp
        ):
            assert target.id.lstrip("_").isupper() or target.id == "__all__", f"{path}:{node.lineno} {target.id}"
