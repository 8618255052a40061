"""Runs the guest of the search in a process of its own, as the sandbox would: for its tests and its bench."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

BOOT = """
import importlib.util, json, os, sys
program, request = sys.argv[1], json.loads(sys.argv[2])
out = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)
spec = importlib.util.spec_from_file_location("program", program + "/__init__.py", submodule_search_locations=[program])
module = importlib.util.module_from_spec(spec)
sys.modules["program"] = module
spec.loader.exec_module(module)
module.main(request, lambda event: print(json.dumps(event), file=out))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"event": "peak", "kilobytes": int(peak.split()[1])}), file=out)
"""


class Beside:
    """What runs guests in a folder; `processes` are all that it started."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self.processes: list[asyncio.subprocess.Process] = []

    async def explore(
        self, program: Path, request: Mapping[str, Any], wall_seconds: float
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Yields what a guest sends, the most memory that it had (`peak`), then how it ended."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", BOOT, str(program), json.dumps(request),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            cwd=self._folder, env=dict(self._environment), limit=1 << 24,
        )  # fmt: skip
        self.processes.append(process)
        assert process.stdout is not None
        outcome = "done"
        try:
            async with asyncio.timeout(wall_seconds):
                async for line in process.stdout:
                    yield json.loads(line)
                await process.wait()
        except TimeoutError:
            outcome = "timeout"
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if outcome == "done" and process.returncode:
            outcome = "crashed"
        yield {"event": "ended", "outcome": outcome, "detail": str(process.returncode), "output": "", "seconds": 0.0}
