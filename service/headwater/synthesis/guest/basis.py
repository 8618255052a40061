"""Says what stands behind an outcome: a promise of the code, or only what it did."""

from __future__ import annotations

import linecache
import re
import traceback
from pathlib import Path
from typing import Any, Tuple

from .examples import promised_errors
from .inventory import Target
from .observing import VARIABLE, Observation, Unfit

MISHAPS = (
    TypeError, AttributeError, NameError, ZeroDivisionError, IndexError, RecursionError, AssertionError, MemoryError,
    SystemError, KeyboardInterrupt, GeneratorExit, OSError, ImportError, EOFError, StopIteration, UnboundLocalError,
)  # fmt: skip
"""What a call that nobody thought of ends in."""
CONTRACT, CHARACTERIZATION = "contract", "characterization"


def of_error(target: Target, observation: Observation, folder: str) -> Tuple[str, str]:
    """Returns the basis of an exception and its quotation. Raises Unfit for a mishap that nothing announces."""
    error = observation.played.error
    assert error is not None
    for name, line in promised_errors(target.docstring):
        if any(kind.__name__ == name for kind in type(error).__mro__):
            return CONTRACT, line
    line = _raised_by(error, folder)
    named = re.match(r"raise\s+([\w.]+)\(", line)
    mistaken = (
        named is not None and isinstance(error, (TypeError, AttributeError)) and named.group(1) != type(error).__name__
    )
    if (line.startswith("raise") and not mistaken) or (line.startswith("assert") and isinstance(error, AssertionError)):
        return CONTRACT, line
    if isinstance(error, MISHAPS) or not isinstance(error, Exception) or "event loop" in str(error):
        raise Unfit(f"looks like a bug or a misuse: {type(error).__name__}: {VARIABLE.split(str(error))[0][:120]}")
    return CHARACTERIZATION, ""


def of_value(target: Target, observation: Observation) -> Tuple[str, str]:
    """Returns the basis of a result: the annotation, where it alone says all that is asserted."""
    if target.returns in (None, type(None)) and observation.checks == (("result", "is", "None"),):
        return CONTRACT, "-> None"
    return CHARACTERIZATION, ""


def _raised_by(error: BaseException, folder: str) -> str:
    """Returns the line of the project that raised the exception itself; empty if other code did."""
    frames: Any = traceback.extract_tb(error.__traceback__)
    if not frames or not str(Path(frames[-1].filename).resolve()).startswith(folder):
        return ""
    return linecache.getline(frames[-1].filename, frames[-1].lineno or 0).strip()
