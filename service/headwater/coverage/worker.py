"""The process in which an analysis runs: reads one question from its input, writes findings to its output.

`python -m headwater.coverage.worker`. Strangers' reports are parsed here and nowhere else, under bounds of memory and
time; whatever becomes of this process, the service goes on. Each line is one JSON object.
"""

from __future__ import annotations

import gc
import resource
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from headwater.coverage.analysis import analyse
from headwater.coverage.findings import Finding, Question, Refused, ReportFile
from headwater.errors import Problem

OBJECTS = 100_000
"""So many new ones are made before cycles are looked for: what is read of a source are hundreds of thousands."""


def main() -> int:
    """Answers the question on the standard input."""
    gc.freeze()
    gc.set_threshold(OBJECTS)
    given = orjson.loads(sys.stdin.buffer.read())
    question = _question(given["question"])
    memory = given["memory_bytes"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    tempfile.tempdir = str(question.scratch)  # so that nothing stays behind when this process is killed
    write = sys.stdout.buffer.write

    def emit(finding: Finding) -> None:
        write(orjson.dumps(finding, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS))
        sys.stdout.buffer.flush()

    try:
        analyse(question, emit, framework=given["framework"])
    except Problem as problem:
        emit(
            Refused(
                code=problem.code,
                reason=problem.reason,
                message=problem.message,
                remedy=problem.remedy,
                metadata=dict(problem.metadata),
            )
        )
    return 0


def _question(given: Mapping[str, Any]) -> Question:
    """Reads a question that the service has written a moment ago; what would check it takes longer to load than it."""
    question = Question(**given)
    return replace(
        question,
        reports=tuple(replace(ReportFile(**each), path=Path(each["path"])) for each in given["reports"]),
        source=Path(given["source"]) if given["source"] else None,
        allowed=Path(given["allowed"]) if given["allowed"] else None,
        include=tuple(question.include),
        exclude=tuple(question.exclude),
        scratch=Path(given["scratch"]),
    )


if __name__ == "__main__":
    sys.exit(main())
