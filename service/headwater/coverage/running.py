"""Runs an analysis in a process of its own and hands on what it finds."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

import orjson
from pydantic import Field, TypeAdapter

from headwater.coverage.findings import Finding, Finished, Question, Refused
from headwater.errors import Code, Problem, Violation, problem

LINE_BYTES = 64 << 20
"""The longest line that the worker may write: the last one, with all gaps."""
SAID_CHARS = 4096
_FINDING: TypeAdapter[Finding] = TypeAdapter(Annotated[Finding, Field(discriminator="kind")])


async def run(question: Question, *, framework: str, memory_bytes: int) -> AsyncGenerator[Finding]:
    """Yields what the analysis finds; `Finished` is the last. Closing it early ends the process.

    Raises the Problem that the analysis refuses with, and RESOURCE_EXHAUSTED `ANALYSIS_DIED` where it runs out of
    memory.
    """
    said = question.scratch / "said.txt"
    with said.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "headwater.coverage.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            limit=LINE_BYTES,
            start_new_session=True,  # so that its own processes can be ended with it
        )
    assert process.stdin
    assert process.stdout
    try:
        asked = {"question": asdict(question), "framework": framework, "memory_bytes": memory_bytes}
        process.stdin.write(orjson.dumps(asked, default=str))
        process.stdin.close()
        while line := await _line(process.stdout):
            finding = _FINDING.validate_json(line)
            if isinstance(finding, Refused):
                raise _problem(finding)
            yield finding
            if isinstance(finding, Finished):
                return
        raise _died(await process.wait(), said.read_text("utf-8", "replace")[-SAID_CHARS:], memory_bytes)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.communicate()  # reads what is left, without which a full pipe would never close


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError:  # it is too long
        raise problem(
            Code.RESOURCE_EXHAUSTED,
            "FINDING_TOO_LARGE",
            f"The analysis found more at once than the {LINE_BYTES >> 20} MiB that can be told.",
            "Ask for fewer gaps, or for a part of the files by include.",
        ) from None


def _problem(refused: Refused) -> Problem:
    field = refused.metadata.get("field", "")
    described = Violation(field=field, description=f"{refused.message} {refused.remedy}".strip())
    return Problem(
        Code(refused.code),
        refused.reason,
        refused.message,
        refused.remedy,
        violations=(described,) if field else (),
        metadata=refused.metadata,
    )


def _died(status: int, said: str, memory_bytes: int) -> Problem:
    """Says why the process ended before it was done: for want of memory, most of the time."""
    if "MemoryError" in said or status < 0:
        return problem(
            Code.RESOURCE_EXHAUSTED,
            "ANALYSIS_DIED",
            f"The analysis needs more than the {memory_bytes >> 20} MiB that it may have.",
            "Narrow the source, send fewer reports at once, or raise HEADWATER_ANALYSIS_MEMORY_MB.",
        )
    last = said.strip().rpartition("\n")[2][:200]
    return problem(
        Code.UNKNOWN,
        "ANALYSIS_DIED",
        f"The analysis ended before it was done: {last or f'exit status {status}'}.",
        "Send the report to the maintainers.",
    )
