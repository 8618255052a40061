"""Repairs assertions: those that no Python has any more, and those that do not hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import cast

from headwater.pipeline.mend_edits import calls, spliced
from headwater.pipeline.pieces import parse
from headwater.pipeline.surroundings import Surroundings

RENAMED_ASSERTIONS: Mapping[str, str] = {
    "assertEquals": "assertEqual",
    "assertNotEquals": "assertNotEqual",
    "assertAlmostEquals": "assertAlmostEqual",
    "assertItemsEqual": "assertCountEqual",
    "assertRegexpMatches": "assertRegex",
    "assertNotRegexpMatches": "assertNotRegex",
    "assertRaisesRegexp": "assertRaisesRegex",
    "assert_": "assertTrue",
}
OLD_ASSERTION = re.compile(rf"(?<=\bself\.)(?:{'|'.join(map(re.escape, RENAMED_ASSERTIONS))})(?=\()")
NO_MATCH = re.compile(r"(?:Expected regex|Regex): (?P<regex>.+)\n\s*(?:Actual message|Input): (?P<said>.+)")
FAILED_LINE = re.compile(r"^\S+\.py:\d+ in test\w*: ((?:assert\b|\w.*\.assert_).*)$", re.MULTILINE)
QUOTE_OR_SPACE = re.compile(r"[\s'\"()]|,(?=[\])}]|$)")
"""What formatting may change in a line."""


def old_assertion(code: str, error: str, around: Surroundings) -> str | None:
    """Renames methods of unittest that newer Pythons do not have any more."""
    del error, around
    return OLD_ASSERTION.sub(lambda found: RENAMED_ASSERTIONS[found.group()], code)


def literal_message(code: str, error: str, around: Surroundings) -> str | None:
    """Escapes the expected message of an exception where it is meant literally, not as a regular expression."""
    del around
    found = NO_MATCH.search(error)
    if found is None or found["regex"].strip() != found["said"].strip():
        return None
    for call in calls(code, "raises", "warns"):
        for keyword in call.keywords:
            if keyword.arg == "match" and isinstance(keyword.value, ast.Constant | ast.JoinedStr):
                text = ast.get_source_segment(code, keyword.value) or ""
                return "import re\n\n\n" + spliced(code, keyword.value, keyword.value, f"re.escape({text})")
    return None


def untrue_assertion(code: str, error: str, around: Surroundings) -> str | None:
    """Drops the assertion that does not hold from a test that has others."""
    del around
    node = parse(code).body[-1]
    failed = FAILED_LINE.findall(error)
    if not failed or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    line = _bare(failed[-1])
    found = [each for each in ast.walk(node) if isinstance(each, ast.Assert | ast.Expr) and _is_assertion(each)]
    # The line may be the first of several.
    said = [each for each in found if _bare(ast.unparse(each)) == line] or [
        each for each in found if line and _bare(ast.unparse(each)).startswith(line)
    ]
    untrue = [each for each in said if _is_spare(each, node)]
    if not untrue or len(found) == len(untrue):
        return None
    lines = code.split("\n")
    for each in reversed(untrue):
        del lines[each.lineno - 1 : each.end_lineno]
    return "\n".join(lines)


def _bare(line: str) -> str:
    return QUOTE_OR_SPACE.sub("", line)


def _is_assertion(node: ast.Assert | ast.Expr) -> bool:
    match node:
        case ast.Assert():
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
            return name.startswith("assert_")
        case _:
            return False


def _is_spare(node: ast.AST, function: ast.AST) -> bool:
    """Whether a statement is not the only one of its block."""
    fields = (value for each in ast.walk(function) for _, value in ast.iter_fields(each))
    blocks = (cast("list[object]", value) for value in fields if isinstance(value, list))
    return any(node in block and len(block) > 1 for block in blocks)
