"""Says what stands behind an outcome: a promise of the code, or only what it did."""

from __future__ import annotations

import ast
import doctest
import linecache
import re
import traceback
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Iterator, Optional, Sequence, Tuple

from .examples import Example, promised_errors
from .inventory import Target
from .observing import VARIABLE, Observation, Suspicious

MISHAPS = (
    TypeError, AttributeError, NameError, ZeroDivisionError, IndexError, RecursionError, AssertionError, MemoryError,
    SystemError, KeyboardInterrupt, GeneratorExit, OSError, ImportError, EOFError, StopIteration, UnboundLocalError,
)  # fmt: skip
"""What a call that nobody thought of ends in."""
LENIENT = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
"""How an example's output is compared: as most projects run theirs."""
INTERPRETER = re.compile(
    r"event loop|values to unpack|dictionary update sequence|unhashable|changed size during|'idna' codec"
)
"""What the interpreter says of a value that nobody thought of."""
CONTRACT, CHARACTERIZATION = "contract", "characterization"


def of_error(target: Target, observation: Observation, folder: str) -> Tuple[str, str]:
    """Returns the basis of an exception and its quotation. Raises Suspicious for a mishap that nothing announces."""
    error = observation.played.error
    assert error is not None
    for name, line in promised_errors(target.docstring):
        if any(kind.__name__ == name for kind in type(error).__mro__):
            return CONTRACT, line
    line = _raised_by(error, folder)
    if line:
        return CONTRACT, line
    if isinstance(error, SystemExit):
        return CHARACTERIZATION, ""
    if isinstance(error, MISHAPS) or not isinstance(error, Exception) or INTERPRETER.search(str(error)):
        raise Suspicious(f"{type(error).__name__}: {VARIABLE.split(str(error))[0][:120]}")
    return CHARACTERIZATION, ""


def of_example(observation: Observation, shown: Example) -> Optional[Tuple[str, str]]:
    """Returns the basis of an outcome that a docstring shows; None where it promises nothing that holds each time.

    Raises Suspicious for a promise that is broken.
    """
    if VARIABLE.search(shown.want) or observation.wrap in ("list", "async_list"):
        return None
    played = observation.played
    promised = doctest.DocTestParser().get_examples(f">>> 0\n{shown.want}\n")[0].exc_msg
    if played.error is not None:
        said = traceback.format_exception_only(type(played.error), played.error)[-1]
        kept = promised is not None and promised.partition(":")[0].rpartition(".")[2] == type(played.error).__name__
    else:
        said = played.output + ("" if played.value is None else f"{played.value!r}\n")
        kept = promised is None and doctest.OutputChecker().check_output(f"{shown.want}\n", said, LENIENT)
    if kept:
        return CONTRACT, f">>> {shown.source} {shown.want.splitlines()[0]}"
    raise Suspicious(
        f"the docstring promises {shown.want[:80]} but it gave {said.strip()[:80]}",
        _as_promised(observation, shown.want, promised),
    )


def _as_promised(observation: Observation, want: str, raising: Optional[str]) -> Observation:
    """Returns what a call should have done by what its docstring shows."""
    if raising is not None:
        name = raising.partition(":")[0].strip()
        return replace(observation, checks=(), output="", errors="", error=name, message="")
    if observation.played.value is None and observation.played.error is None:
        return replace(observation, checks=(), output=f"{want}\n", error="", message="")
    try:
        ast.literal_eval(want)
    except (ValueError, SyntaxError):
        return replace(observation, checks=(("repr(result)", "==", repr(want)),), output="", error="", message="")
    return replace(observation, checks=(("result", "==", want.strip()),), output="", error="", message="")


def of_value(target: Target, observation: Observation) -> Tuple[str, str]:
    """Returns the basis of a result: the annotation, where it alone says all that is asserted."""
    if target.returns in (None, type(None)) and observation.checks == (("result", "is", "None"),):
        return CONTRACT, "-> None"
    return CHARACTERIZATION, ""


def _raised_by(error: BaseException, folder: str) -> str:
    """Returns the statement of the project that raised the exception on purpose; empty if nothing did."""
    frames: Any = traceback.extract_tb(error.__traceback__)
    if not frames or not str(Path(frames[-1].filename).resolve()).startswith(folder):
        return ""
    place = (frames[-1].lineno or 0, getattr(frames[-1], "colno", None))
    for node in _statements_at(frames[-1].filename, *place):
        if isinstance(node, ast.Assert) and isinstance(error, AssertionError):
            return ast.unparse(node)
        if isinstance(node, ast.Raise) and _raises(node, error):
            return linecache.getline(frames[-1].filename, node.lineno).strip()
    return ""


def _statements_at(filename: str, number: int, column: Optional[int]) -> Iterator[ast.stmt]:
    """Yields the statements at a place in a file that raise; interpreters before 3.11 do not tell the column."""
    for node in _raising(filename):
        if not node.lineno <= number <= (node.end_lineno or node.lineno):
            continue
        if column is None or node.lineno < number or node.col_offset <= column:
            yield node


@lru_cache(maxsize=64)
def _raising(filename: str) -> Sequence[ast.stmt]:
    """Returns the statements of a file that raise; none where it cannot be read."""
    try:
        tree = ast.parse(Path(filename).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ()
    return [node for node in ast.walk(tree) if isinstance(node, (ast.Raise, ast.Assert))]


def _raises(node: ast.Raise, error: BaseException) -> bool:
    """Whether a statement raises just this exception; computing its message may have raised another."""
    named = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    name = ast.unparse(named).rpartition(".")[2] if isinstance(named, (ast.Name, ast.Attribute)) else ""
    return not name[:1].isupper() or name in {kind.__name__ for kind in type(error).__mro__}
