"""Repairs small mechanical faults of a test without asking whoever wrote it.

A repair is a function of the test's code, of what the failure said (empty before the first run), and of what surrounds
the test. It returns a new version, which may begin with imports and helpers that the test needs; None where it does
not apply. What a repair does not understand it leaves alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from headwater.pipeline.mend_assertions import literal_message, old_assertion, untrue_assertion
from headwater.pipeline.mend_edits import calls, spliced
from headwater.pipeline.mend_imports import has_wrong_path, mended_paths
from headwater.pipeline.mend_names import missing_names, missing_parameters, nearest, resolve
from headwater.pipeline.pieces import Piece, Splitter, parse
from headwater.pipeline.surroundings import Repair, Surroundings

STRAY_SELF = re.compile(r"^((?:async )?def test\w*\()\s*self\s*(?:,\s*)?", re.MULTILINE)
NO_ATTRIBUTE = re.compile(r"(?:module|type object)? ?'([\w.]+)'(?: object)? has no attribute '(\w+)'")
NO_MEMBER = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'|does not have the attribute '(\w+)'")
TIMES = 8
"""How often one repair is made in one test."""
LEFT_FILE = re.compile(r"leaves state behind: .*\bfile: .* in the work folder")
PATCHES = ("patch", "setattr", "delattr")
ASYNC_MARK = re.compile(r"^@pytest\.mark\.(?:asyncio|anyio)\b.*\n", re.MULTILINE)

MOCKER = '''\
@pytest.fixture
def mocker():
    """Patches through unittest.mock, and undoes all of it after the test."""
    with contextlib.ExitStack() as undo:

        def patch(*args, **kwargs):
            return undo.enter_context(mock.patch(*args, **kwargs))

        def spy(owner, name):
            return patch.object(owner, name, wraps=getattr(owner, name))

        patch.object = lambda *args, **kwargs: undo.enter_context(mock.patch.object(*args, **kwargs))
        patch.dict = lambda *args, **kwargs: undo.enter_context(mock.patch.dict(*args, **kwargs))
        patch.multiple = lambda *args, **kwargs: undo.enter_context(mock.patch.multiple(*args, **kwargs))
        names = ("ANY", "AsyncMock", "DEFAULT", "MagicMock", "Mock", "PropertyMock", "call", "create_autospec")
        more = {name: getattr(mock, name) for name in (*names, "mock_open", "sentinel")}
        yield types.SimpleNamespace(patch=patch, spy=spy, stub=mock.MagicMock, stopall=undo.close, **more)
'''
"""The fixture of a plugin that the tests must not depend on."""
MOCKER_IMPORTS = "import contextlib\nimport types\nfrom unittest import mock\n\nimport pytest\n"


def mend(code: str, error: str, around: Surroundings) -> str | None:
    """Returns the code of a test with every repair applied that fits; None when none does.

    `error` is the detail of the failure; empty, only what is wrong whatever happens is repaired. The new version is
    text like a draft's: it may hold imports and helpers before the test.
    """
    mended = code
    for repair in REPAIRS:
        try:
            for _ in range(TIMES):
                before, mended = mended, repair(mended, error, around) or mended
                if mended == before:
                    break
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # this text cannot be parsed: not a fault that is mended here
    return mended if mended != code else None


def mended_pieces(code: str, error: str, around: Surroundings) -> list[Piece]:
    """Returns the pieces of the new version: imports and helpers that it needs, then the test; none where none fits."""
    mended = mend(code, error, around)
    if mended is None:
        return []
    splitter = Splitter()
    return [*splitter.feed(mended), *splitter.close()]


def stray_self(code: str, error: str, around: Surroundings) -> str | None:
    """Drops the parameter `self` of a test that stands in no class, unless it is used."""
    del error, around
    return None if re.search(r"\bself\.", code) else STRAY_SELF.sub(r"\1", code)


def wrong_path(code: str, error: str, around: Surroundings) -> str | None:
    """Corrects the module's path in imports and in the targets of patches."""
    if not has_wrong_path(code, error, around.module):
        return None
    return mended_paths(code, error, around.module, around.symbols)


def patched_elsewhere(code: str, error: str, around: Surroundings) -> str | None:
    """Patches a name where the module under test uses it: it was imported from where it is patched, before that."""
    del error
    for name, (module, member) in around.symbols.imported.items():
        if member and f"{module}.{member}" in code:
            target = re.compile(rf"(?<=[('\"]){re.escape(module)}\.{re.escape(member)}(?=['\"])")
            patches = [call.args[0] for call in calls(code, *PATCHES) if call.args]
            if any(isinstance(each, ast.Constant) and each.value == f"{module}.{member}" for each in patches):
                code = target.sub(f"{around.module}.{name}", code)
    return code


def stray_file(code: str, error: str, around: Surroundings) -> str | None:
    """Sends a test that writes into the working folder to a folder of its own."""
    del around
    node = parse(code).body[-1]
    if not LEFT_FILE.search(error) or not isinstance(node, ast.FunctionDef) or "chdir" in code:
        return None
    lines = code.split("\n")
    given = {each.arg for each in node.args.args}
    lacking = [name for name in ("monkeypatch", "tmp_path") if name not in given]
    head = node.body[0].lineno - 1
    indent = " " * node.body[0].col_offset
    opening = "\n".join(lines[:head])
    start = opening.index("(", opening.index(f"def {node.name}")) + 1
    parameters = ", ".join(lacking) + (", " if lacking and given else "")
    lines[:head] = [
        *(opening[:start] + parameters + opening[start:]).split("\n"),
        f"{indent}monkeypatch.chdir(tmp_path)",
    ]
    return "\n".join(lines)


def split_target(code: str, error: str, around: Surroundings) -> str | None:
    """Joins a patch's target where module and name were given apart, as two texts and a value."""
    del error, around
    for call in calls(code, "setattr"):
        match call.args:
            case [ast.Constant(value=str(owner)) as first, ast.Constant(value=str(name)) as second, _]:
                return spliced(code, first, second, repr(f"{owner}.{name}"))
            case _:
                continue
    return None


def stale_name(code: str, error: str, around: Surroundings) -> str | None:
    """Replaces an attribute that is not there by the one that is nearly called so."""
    symbols = around.symbols
    found = [(owner, name) for owner, name in NO_ATTRIBUTE.findall(error)]
    found += [(around.module, one or other) for one, _, other in NO_MEMBER.findall(error)]
    for owner, name in found:
        known = symbols.members.get(owner.rpartition(".")[2]) or (symbols.names if owner == around.module else ())
        right = nearest(name, known)
        if right:
            return re.sub(rf"(?<![\w]){re.escape(name)}\b(?!\s*=[^=])", right, code)
    return None


def async_test(code: str, error: str, around: Surroundings) -> str | None:
    """Runs a coroutine test in a loop of its own, where no plugin does."""
    del around
    node = parse(code).body[-1]
    if "async def" not in error or not isinstance(node, ast.AsyncFunctionDef):
        return None
    lines = code.split("\n")
    start = node.body[0].lineno - 1
    kept = {line for text in _texts(node) for line in range(text.lineno, text.end_lineno or text.lineno)}
    body = [line if not line or number in kept else f"    {line}" for number, line in enumerate(lines[start:], start)]
    head = ASYNC_MARK.sub("", "\n".join(lines[:start]) + "\n").replace("async def", "def", 1)
    return "\n".join(
        ["import asyncio", "", "", f"{head}    async def scenario():", *body, "", "    asyncio.run(scenario())"]
    )


def missing_import(code: str, error: str, around: Surroundings) -> str | None:
    """Adds imports, and helpers of other tests, for names that the test uses and nothing binds."""
    needed = sorted(missing_names(code) - around.known)
    needed += [name for name in missing_parameters(code) if name not in around.known and name in around.helpers]
    imports = [resolve(name, code, around.module, around.symbols) for name in needed]
    helpers = [
        around.helpers[name] for name, line in zip(needed, imports, strict=True) if not line and _has(around, name)
    ]
    found = "\n".join(line for line in imports if line)
    if not found and not helpers:
        return None
    del error
    return "\n\n\n".join(filter(None, (found, *dict.fromkeys(helpers), code)))


def missing_mocker(code: str, error: str, around: Surroundings) -> str | None:
    """Adds the fixture `mocker`, which comes with a plugin that may not be there."""
    if "mocker" not in missing_parameters(code) or "mocker" in around.known:
        return None
    del error
    return f"{MOCKER_IMPORTS}\n\n{MOCKER}\n\n{code}"


REPAIRS: Sequence[Repair] = (
    old_assertion,
    stray_self,
    wrong_path,
    patched_elsewhere,
    split_target,
    stale_name,
    literal_message,
    untrue_assertion,
    stray_file,
    async_test,
    missing_import,
    missing_mocker,
)
"""All repairs, in the order in which they are tried; the last ones add what the others may have come to use."""


def _has(around: Surroundings, name: str) -> bool:
    return name in around.helpers


def _texts(node: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Yields the texts of several lines, whose inner lines must stay as they are."""
    for child in ast.walk(node):
        if isinstance(child, ast.Constant | ast.JoinedStr) and child.end_lineno != child.lineno:
            yield child
