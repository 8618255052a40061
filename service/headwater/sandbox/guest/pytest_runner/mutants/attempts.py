"""One mutant on its tests: what a fork does with it, and what is heard of that."""

# ruff: noqa: TID252 — the package has another name in the sandbox

from __future__ import annotations

import os
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from shutil import rmtree
from time import monotonic
from typing import TYPE_CHECKING, Any

from .anew import run_anew
from .units import Swap, Units, put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..collect import Tests
    from ..forks import Heard, Say
    from ..items import Recorder
    from ..job import Job, Mutation
    from ..shelter import Shelter
    from .sites import Mutant

# Names are bound here, before the module under test can replace what `signal` holds.
_set_timer, _set_handler, _PROFILE = signal.setitimer, signal.signal, signal.ITIMER_PROF
_WITH_FOLDERS = frozenset({"tmp_path", "tmp_path_factory", "tmpdir", "tmpdir_factory"})
_OUT_OF_TIME = ("SIGPROF", "SIGXCPU")


class Attempt:
    """A mutant, or none, and the tests that it is tried on; one fork after the other until all is known."""

    def __init__(self, mutant: Mutant | None, *, swap: Swap | None, names: Sequence[str]) -> None:
        """Begins with nothing run; without a `swap` the module is imported anew."""
        self.mutant, self.swap = mutant, swap
        self.names = list(names)
        """Tests that are still to be run."""
        self.killed_by: list[str] = []
        self.seconds_of: dict[str, float] = {}
        self.began = monotonic()
        self.scratch = ""
        self.import_seconds = 0.0
        self._timed_out = False
        self._skipped = not self.names

    def hear(self, heard: Heard) -> None:
        """Takes what one fork said."""
        ran = {message["ran"]: message for message in heard.messages if "ran" in message}
        begun = [message["began"] for message in heard.messages if "began" in message]
        failed = [name for name, message in ran.items() if not message["passed"]]
        cut = bool(heard.timed_out or heard.crash)
        self.seconds_of.update({name: message["seconds"] for name, message in ran.items()})
        self.import_seconds = max(0.0, heard.seconds - sum(message["seconds"] for message in ran.values()))
        if not begun:
            # Nothing could be run: a mutant that breaks the import is noticed by all.
            self._skipped = self.swap is not None and self.mutant is not None
            self.killed_by += [] if self._skipped else self.names
            self.names = []
        else:
            if cut and len(begun) > len(ran):
                failed.append(begun[-1])
            self.killed_by += failed
            self.names = [name for name in self.names if name not in begun]
        self._timed_out = self._timed_out or heard.timed_out or heard.crash in _OUT_OF_TIME

    def is_settled(self, *, matrix: bool) -> bool:
        """Tells whether no further fork is wanted: after the first kill but for a matrix, and after running away."""
        if self.mutant is None:
            return not self.names
        return not self.names or bool(self.killed_by and not matrix) or self._timed_out

    def message(self, mutation: Mutation) -> dict[str, Any]:
        """Returns what to tell of it."""
        mutant = self.mutant
        assert mutant is not None
        outcome = "timeout" if self._timed_out else "killed" if self.killed_by else "survived"
        return {
            "event": "mutant",
            "id": mutant.number,
            "line": mutant.line,
            "function": mutant.scope,
            "what": mutant.what(mutation.what_chars),
            "outcome": "skipped" if self._skipped else outcome,
            "killed_by": self.killed_by[: mutation.killers],
            "seconds": monotonic() - self.began,
        }


class Child:
    """What a fork does."""

    def __init__(
        self, *, job: Job, mutation: Mutation, shelter: Shelter, recorder: Recorder, tests: Tests, units: Units
    ) -> None:
        """Knows what all forks inherit."""
        self._job, self._mutation, self._shelter = job, mutation, shelter
        self._recorder, self._tests, self._units = recorder, tests, units
        self._seconds: dict[str, float] = {}
        self.import_seconds = 0.0
        """How long an import and collection take; known once they were done anew."""
        self._made = 0

    def learn(self, attempt: Attempt) -> None:
        """Takes the times of an attempt without a mutant for what tests take."""
        self._seconds.update(attempt.seconds_of)
        if attempt.swap is None:
            self.import_seconds = attempt.import_seconds

    def prepare(self, attempt: Attempt) -> None:
        """Names the folder for the temporary files of the attempt's next fork, which makes it where it needs one."""
        self._made += 1
        attempt.scratch = os.path.join(self._shelter.scratch, f"mutant-{self._made}")

    def live(self, attempt: Attempt, say: Say) -> None:
        """Has the mutant take effect in this fork, and runs the tests up to the first that notices."""
        self._shelter.hand_over()
        if attempt.swap is not None:
            put(attempt.swap)
            self._settle_in(attempt)
            self._run(attempt, self._recorder, self._tests, say)
            return
        # What does not change is compiled by the first who imports anew, and read by the others.
        sys.pycache_prefix = os.path.join(self._shelter.scratch, "compiled")
        sys.dont_write_bytecode = attempt.mutant is not None
        self._shelter.scratch = attempt.scratch
        os.mkdir(attempt.scratch)
        self._allow(self.import_seconds or self._job.test_seconds)
        with attempt.mutant.applied() if attempt.mutant else nullcontext():
            code = self._units.whole()

        def run(recorder: Recorder, tests: Tests) -> None:
            self._run(attempt, recorder, tests, say)

        run_anew(self._job, self._shelter, code, self._units.filename, then=run)

    def tidy(self, attempt: Attempt) -> None:
        """Removes the folder of an attempt's fork that is gone."""
        if os.path.exists(attempt.scratch):
            rmtree(attempt.scratch, ignore_errors=True)

    def _settle_in(self, attempt: Attempt) -> None:
        """Has pytest put its folders for tests where no other fork's are; making one may take longer than a test."""
        items = [item for name in attempt.names for item in self._tests[name]]
        wanting = [item for item in items if not _WITH_FOLDERS.isdisjoint(item.fixturenames)]
        if wanting:
            os.mkdir(attempt.scratch)
            wanting[0].config._tmp_path_factory._basetemp = Path(attempt.scratch)  # noqa: SLF001 — there is no other way

    def _run(self, attempt: Attempt, recorder: Recorder, tests: Tests, say: Say) -> None:
        for name in attempt.names:
            say({"began": name})
            self._allow(self._seconds.get(name, self._job.test_seconds))
            began = monotonic()
            passed = name in tests and recorder.passes(tests[name])
            say({"ran": name, "passed": passed, "seconds": monotonic() - began})
            if not passed:
                return

    def _allow(self, usual: float) -> None:
        """Has the kernel end this fork when it takes much more CPU time than usual; a busy machine ends none."""
        _set_handler(signal.SIGPROF, signal.SIG_DFL)
        _set_timer(_PROFILE, max(self._mutation.cpu_seconds, self._mutation.slower * usual))
