"""Judges tests: each alone, then all together in several orders and surroundings."""

from __future__ import annotations

import math
import os
import random
import sys
import tempfile
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from .detail import clip
from .forks import Body, Heard, Say, listen
from .leaks import Folder, Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .items import Recorder
    from .job import Job
    from .measure import Meter
    from .shelter import Shelter

_ZONES = ("AHEAD-14", "BEHIND+12")
"""POSIX time zones, which need no database: no hour of the day is the same date in both."""

_BY_SEVERITY = ("crashed", "timeout", "failed")


class Verdicts:
    """Runs tests in forks of a process that has imported and collected everything."""

    def __init__(self, job: Job, meter: Meter, shelter: Shelter, recorder: Recorder) -> None:
        """Looks at the process and the work folder as each fork will find them; the meter runs and was noted."""
        self.coverage: dict[str, Any] | None = None
        """Of the first round, once it ended."""
        self._job = job
        self._meter = meter
        self._shelter = shelter
        self._recorder = recorder
        self._folder = Folder(shelter.work, aside=shelter.scratch, kept_bytes=job.kept_bytes)
        self._before = Surroundings.take(sys.modules.get(job.module), os.path.abspath(job.tests))
        self._slots = job.slots
        self._left_out: list[str] = []

    def alone(self, tests: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
        """Runs all cases of each judged test in a fork; yields the `alone` messages, in the order of the request."""
        step = self._job.wave if self._slots > 1 else 1
        for first in range(0, len(self._job.judge), step):
            names = self._job.judge[first : first + step]
            bodies = [partial(self._live_alone, tests.get(name, ())) for name in names]
            settled = self._settle(bodies, slots=self._slots, silence=self._job.test_seconds, total=math.inf)
            for name, (ended, files) in zip(names, settled):
                yield self._alone(name, ended, files, missing=name not in tests)

    def together(self, tests: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
        """Runs every test but those that failed or leaked alone, in a fork for each round; yields the `round` messages.

        The first round runs in the file's order and as a user would; each further one in an order, a working directory,
        a time zone and a random state of its own.
        """
        kept = [item for name, items in tests.items() if name not in self._left_out for item in items]
        rounds = range(1, self._job.rounds + 1)
        bodies = [partial(self._live_together, number, self._ordered(kept, number)) for number in rounds]
        total = min(len(kept) * self._job.test_seconds, self._job.round_seconds) if kept else math.inf
        slots = len(bodies) if self._slots > 1 else 1  # There are few, and no slot stays empty while the last one runs.
        for number, (ended, _) in zip(rounds, self._settle(bodies, slots=slots, silence=math.inf, total=total)):
            if number == 1 and kept and ended.last:
                self.coverage = ended.last
            yield {
                "event": "round",
                "round": number,
                "outcome": "passed" if ended.outcome == "skipped" and kept else ended.outcome,
                "detail": ended.detail,
                "failed": [{key: item[key] for key in ("item", "outcome", "detail")} for item in ended.failed],
                "seconds": ended.seconds,
                "left_out": list(self._left_out),
            }

    def _settle(
        self, bodies: Sequence[Body], *, slots: int, silence: float, total: float
    ) -> list[tuple[_Ended, list[str]]]:
        """Runs the bodies beside each other; returns how each ended and which files of the work folder it changed.

        One that passed beside others passed. Where one did not, or somebody left traces in the folder that they share,
        it runs again by itself: it may have been another's doing. Only one that ran out of time had its chance.
        """
        with self._shelter.shared(max(1, min(slots, len(bodies)))):
            heard = listen(bodies, slots=slots, silence=silence, total=total)
        files = self._folder.put_back()
        if len(bodies) == 1:
            return [(_Ended(heard[0], self._job), files)]
        settled: list[tuple[_Ended, list[str]]] = []
        for body, each in zip(bodies, heard):
            ended, traces = _Ended(each, self._job), list[str]()
            if not each.timed_out and (files or ended.outcome in _BY_SEVERITY):
                (again,) = listen([body], slots=1, silence=silence, total=total)
                ended, traces = _Ended(again, self._job), self._folder.put_back()
            settled.append((ended, traces))
        return settled

    def _alone(self, name: str, ended: _Ended, files: list[str], *, missing: bool) -> dict[str, Any]:
        outcome, detail = ended.outcome, ended.detail
        if missing:
            outcome, detail = "failed", f"no test named {name} was collected"
        leaks = [*ended.last.get("leaks", ()), *files]
        if outcome in _BY_SEVERITY or (leaks and not self._job.leaks_together):
            self._left_out.append(name)
        return {
            "event": "alone",
            "name": name,
            "outcome": outcome,
            "detail": detail,
            "items": ended.items,
            "seconds": ended.seconds,
            "lines": ended.last.get("lines") or self._meter.lines(),
            "branches": ended.last.get("branches") or self._meter.taken(),
            "leaks": leaks,
        }

    def _ordered(self, items: Sequence[Any], number: int) -> Sequence[Any]:
        if number == 1:
            return items
        return random.Random(self._job.seed + number).sample(items, len(items))  # noqa: S311 — an order, not a secret

    def _live_alone(self, items: Sequence[Any], say: Say) -> None:
        self._shelter.hand_over()
        self._before.threads.watch()
        self._recorder.run(items, say)
        say({**self._covered(), "leaks": self._before.left_behind(self._job.thread_seconds)})

    def _live_together(self, number: int, items: Sequence[Any], say: Say) -> None:
        self._shelter.hand_over()
        if number > 1:
            os.chdir(tempfile.mkdtemp(dir=self._shelter.scratch))
            os.environ["TZ"] = _ZONES[number % len(_ZONES)]
            time.tzset()
            self._meter.stop()  # The first round says what all of them cover.
        random.seed(self._job.seed + number)
        self._recorder.run(items, say)
        if number == 1:
            say(self._covered())

    def _covered(self) -> dict[str, Any]:
        self._meter.note()
        return {"lines": self._meter.lines(), "branches": self._meter.taken()}


class _Ended:
    """What a fork said, put in order."""

    def __init__(self, heard: Heard, job: Job) -> None:
        self.items = [message for message in heard.messages if "item" in message]
        self.last = next((message for message in heard.messages if "lines" in message), dict[str, Any]())
        self.detail = ""
        broken = next((message["broken"] for message in heard.messages if "broken" in message), "")
        if heard.timed_out:
            self.detail = "it did not end in time and was killed"
        elif heard.crash:
            self.detail = clip(job.known(broken), job.detail_chars) or heard.crash
        cut = "timeout" if heard.timed_out else "crashed" if heard.crash else ""
        begun = [message["began"] for message in heard.messages if "began" in message]
        if cut and len(begun) > len(self.items):
            self.items.append(
                {"item": begun[-1], "outcome": cut, "detail": self.detail, "line": None, "seconds": heard.seconds}
            )
        self.outcome = cut or _sum([item["outcome"] for item in self.items])
        self.failed = [item for item in self.items if item["outcome"] in _BY_SEVERITY]
        self.seconds = heard.seconds


def _sum(outcomes: Sequence[str]) -> str:
    """Returns the worst outcome; a test is skipped only if none of its cases ran."""
    for outcome in _BY_SEVERITY:
        if outcome in outcomes:
            return outcome
    return "passed" if "passed" in outcomes else "skipped"
