"""The provider that plays a recorded answer, at its recorded pace; for tests and benchmarks.

Settings: `scripts` is a folder; the task's model names a file `<model>.jsonl` in it. Each line is an object:
`{"text": …, "after": seconds before it}`; with `"repeat": N` the line is played N times, and its text may mention `{i}`
and `{monotonic_ns}` (with a format, such as `{i:07d}`), filled in at the time of sending. The last line may be
`{"stopped_by": …}`.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from headwater.errors import Code, Problem, problem
from headwater.providers import Delta, Task

KINDS: Mapping[str, tuple[type, ...]] = {"text": (str,), "after": (float, int), "repeat": (int,), "stopped_by": (str,)}
"""The fields of a line and what they hold."""
FIELD = re.compile(r"\{(i|monotonic_ns)(?::(\d+)d)?\}")
"""What is filled in where a line is repeated; the number is a width, padded with zeros if it begins with one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a script."""

    text: str = ""
    after: float = 0.0
    repeat: int = 0
    stopped_by: str = ""


class Scripted:
    """Plays what was recorded."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Takes the folder of scripts as `settings["scripts"]`."""
        self._folder = str(settings.get("scripts") or "")

    async def stream(self, task: Task) -> AsyncGenerator[Delta, None]:
        """Plays the script that the task's model names.

        Raises Problem FAILED_PRECONDITION `SCRIPTS_NOT_SET` or `SCRIPT_BROKEN`, NOT_FOUND `SCRIPT_UNKNOWN`.
        """
        for line in read_script(self._file(task.model)):
            for number in range(max(line.repeat, 1)):
                await asyncio.sleep(line.after)
                text = _filled(line.text, number) if line.repeat else line.text
                yield Delta(text=text, stopped_by=line.stopped_by)

    def _file(self, model: str) -> Path:
        if not self._folder:
            raise problem(
                Code.FAILED_PRECONDITION,
                "SCRIPTS_NOT_SET",
                "The provider `scripted` has no folder of scripts.",
                "Set the folder of scripts in the server's settings, or choose another provider.",
            )
        known = {path.stem: path for path in Path(self._folder).glob("*.jsonl")}
        if model not in known:
            there = ", ".join(sorted(known)) or "none"
            message = f"There is no script called {model!r}."
            raise problem(Code.NOT_FOUND, "SCRIPT_UNKNOWN", message, f"Scripts that are there: {there}.", script=model)
        return known[model]


def read_script(path: Path) -> list[Line]:
    """Reads a script. Raises Problem FAILED_PRECONDITION `SCRIPT_BROKEN` that names the line."""
    found: list[Line] = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not text.strip():
            continue
        try:
            found.append(_line(json.loads(text)))
        except (ValueError, TypeError) as error:
            raise _broken(path, number, str(error)) from error
    return found


def _line(value: Any) -> Line:
    """Reads one line. Raises TypeError or ValueError."""
    if not isinstance(value, dict):
        raise TypeError("it is no object")
    fields: dict[str, Any] = dict(cast("dict[str, Any]", value))
    for name, kinds in KINDS.items():
        if not isinstance(fields.get(name, kinds[0]()), kinds) or isinstance(fields.get(name), bool):
            raise TypeError(f"`{name}` is {fields[name]!r}")
    line = Line(**fields)
    if not 0 <= line.after < math.inf or line.repeat < 0:
        raise ValueError("`after` and `repeat` count from 0 on")
    return line


def _broken(path: Path, number: int, detail: str) -> Problem:
    return problem(
        Code.FAILED_PRECONDITION,
        "SCRIPT_BROKEN",
        f"Line {number} of the script {path.stem!r} cannot be played: {detail}.",
        'Each line is an object such as {"text": "…", "after": 0.05}.',
        script=path.stem,
        line=str(number),
    )


def _filled(text: str, number: int) -> str:
    values = {"i": number, "monotonic_ns": time.monotonic_ns()}
    return FIELD.sub(lambda found: format(values[found.group(1)], f"{found.group(2) or ''}d"), text)
