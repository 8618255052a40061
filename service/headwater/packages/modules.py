"""Finds the modules of a folder or package, and the names under which they are imported."""

from __future__ import annotations

import ast
import fnmatch
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from headwater.coverage.globs import chooser
from headwater.errors import invalid

SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist", "docs", "doc"})
"""Folders that hold no modules of a project's own, unless one of them is named."""
TEST_FOLDERS = frozenset({"test", "tests", "testing"})
NO_MODULES = frozenset({"setup.py", "conftest.py", "noxfile.py", "tasks.py", "fabfile.py"})
"""Files that are run by tools, and imported by nobody."""
TEST_FILES = ("test_*.py", "*_test.py")
"""How pytest knows the files of tests."""
MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", "tox.ini", ".git")
"""What lies at the top of a project."""
INSTALLED = frozenset({"site-packages", "dist-packages"})
INIT = "__init__.py"


@dataclass(frozen=True, kw_only=True)
class Module:
    """A file under test: `root` goes on the import path, and `path` lies in it."""

    root: Path
    path: str
    source: bytes = field(repr=False)

    @property
    def file(self) -> Path:
        """The file itself."""
        return self.root / self.path

    @property
    def name(self) -> str:
        """The dotted name: `shop.cart`, or `shop` for `shop/__init__.py`."""
        parts = Path(self.path).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)

    @cached_property
    def tree(self) -> ast.Module | None:
        """The syntax tree; None where the file holds no Python that this interpreter reads."""
        try:
            return ast.parse(self.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # whoever tests it says what is wrong
            return None

    @property
    def is_empty(self) -> bool:
        """Whether it defines nothing that could be called."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        return self.tree is not None and not any(isinstance(node, kinds) for node in ast.walk(self.tree))

    @property
    def weight(self) -> int:
        """How much there is to test: the statements."""
        if self.tree is None:
            return 1
        return max(1, sum(isinstance(node, ast.stmt) for node in ast.walk(self.tree)))


def find_modules(
    top: Path, *, root: Path | None, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> list[Module]:
    """Lists the modules of a folder or of one file, sorted by name; tests and what only tools run are left out.

    `root` is the folder that goes on the import path, where it is known. Patterns are matched with the path below
    `top`. Raises Problem INVALID_ARGUMENT `MODULES_MISSING` where nothing is left, `SOURCE_UNREADABLE`,
    and `SOURCE_OUTSIDE_ROOTS`.
    """
    top = top.resolve()
    base = top.parent if top.is_file() else top
    if root is not None and not base.is_relative_to(root.resolve()):
        message = f"{top} does not lie in {root}."
        raise invalid("SOURCE_OUTSIDE_ROOTS", "--root", message, "Name a folder above the package.")
    choose = chooser(include, exclude)
    files = [top] if top.is_file() else [each for each in _walk(top) if choose(each.relative_to(top).as_posix())]
    sources = {file: _read(file) for file in files}
    imported = frozenset[str]().union(*(_imported(source) for source in sources.values()))
    project = project_of(top)
    modules = [
        _module(file, source, root=root.resolve() if root is not None else import_root(file, project, imported))
        for file, source in sources.items()
    ]
    if not modules:
        remedy = "Name a folder that holds Python, or loosen --include and --exclude."
        raise invalid("MODULES_MISSING", "FILE", f"There is no module to test in {top}.", remedy)
    return sorted(modules, key=lambda module: (module.name, module.path))


def project_of(top: Path) -> Path:
    """Returns the top of the project that a folder or file lies in; of an installed package its own folder."""
    folder = top.parent if top.is_file() else top
    for above in (folder, *folder.parents):
        if above.name in INSTALLED:
            return folder
        if is_project(above):
            return above
    while (folder / INIT).is_file():
        folder = folder.parent
    return folder


def is_project(folder: Path) -> bool:
    """Whether a folder is the top of a project."""
    return any((folder / marker).exists() for marker in MARKERS)


def is_test(file: Path) -> bool:
    """Whether pytest would look for tests in a file of this name."""
    return any(fnmatch.fnmatchcase(file.name, pattern) for pattern in TEST_FILES)


def files_of_tests(folder: Path) -> Iterator[Path]:
    """Finds the files of tests below a folder, by the conventions of pytest."""
    return (file for file in _walk(folder, tests=True) if is_test(file))


def import_root(file: Path, project: Path, imported: frozenset[str]) -> Path:
    """Returns the folder from which a file is imported.

    That is the one above the outermost package; for a file in none, `src` or the top of the project. A folder without
    an `__init__.py` is a namespace package where some module imports what lies in it by the folder's name.
    """
    folder, child = file.parent, file.stem
    regular = (folder / INIT).is_file()
    while (folder / INIT).is_file():
        folder, child = folder.parent, folder.name
    while not is_project(folder) and f"{folder.name}.{child}" in imported:
        folder, child = folder.parent, folder.name
    if regular or not folder.is_relative_to(project):
        return folder
    for above in (folder, *folder.parents):
        if above in {project, project / "src"} or not above.name.isidentifier():
            return above
    return project


def _walk(top: Path, *, tests: bool = False) -> Iterator[Path]:
    """Walks through the Python files below a folder; those of tests only if they are asked for."""
    for above, folders, names in os.walk(top):
        unwanted = SKIPPED if tests else SKIPPED | TEST_FOLDERS
        folders[:] = sorted(
            name for name in folders if name not in unwanted and not name.startswith(".") and not _is_venv(above, name)
        )
        for name in sorted(names):
            file = Path(above, name)
            if file.suffix == ".py" and file.is_file() and (tests or _is_module(file)):
                yield file


def _is_module(file: Path) -> bool:
    """Whether a file can be imported by its name, and is meant to be."""
    return file.stem.isidentifier() and file.name not in NO_MODULES and not is_test(file)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}."
        raise invalid(
            "SOURCE_UNREADABLE", "FILE", message, "Make it readable, or leave it out with --exclude."
        ) from None


def _is_venv(above: str, name: str) -> bool:
    return Path(above, name, "pyvenv.cfg").is_file()


def _module(file: Path, source: bytes, *, root: Path) -> Module:
    return Module(root=root, path=file.relative_to(root).as_posix(), source=source)


def _imported(source: bytes) -> frozenset[str]:
    """Returns each two neighbours of the dotted names that a file imports absolutely: `a.b` and `b.c` of `a.b.c`."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()  # what cannot be read tells nothing
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    split = [name.split(".") for name in names]
    return frozenset(f"{one}.{other}" for parts in split for one, other in pairwise(parts))
