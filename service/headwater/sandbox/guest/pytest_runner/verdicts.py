"""Judges tests: each alone, then all together in several orders and surroundings."""

from __future__ import annotations

import math
import os
import random
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

from .detail import clip
from .forks import Heard, Say, listen
from .leaks import Folder, Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
        self._before = Surroundings.take(sys.modules.get(job.module))
        self._left_out: list[str] = []

    def alone(self, name: str, items: Sequence[Any]) -> dict[str, Any]:
        """Runs all cases of one test in a fork and returns the `alone` message."""
        heard = listen(lambda say: self._live_alone(items, say), silence=self._job.test_seconds, total=math.inf)
        ended = _Ended(heard, self._job)
        outcome = ended.outcome
        if not items:
            outcome, ended.detail = "failed", f"no test named {name} was collected"
        leaks = [*ended.last.get("leaks", ()), *self._folder.put_back()]
        if outcome in _BY_SEVERITY or (leaks and not self._job.leaks_together):
            self._left_out.append(name)
        return {
            "event": "alone",
            "name": name,
            "outcome": outcome,
            "detail": ended.detail,
            "items": ended.items,
            "seconds": heard.seconds,
            "lines": ended.last.get("lines") or self._meter.lines(),
            "branches": ended.last.get("branches") or self._meter.taken(),
            "leaks": leaks,
        }

    def together(self, number: int, tests: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        """Runs every test but those that failed or leaked alone, in one fork, and returns the `round` message.

        The first round runs in the file's order and as a user would; each further one in an order, a working directory,
        a time zone and a random state of its own.
        """
        items = [item for name, items in tests.items() if name not in self._left_out for item in items]
        if number > 1:
            random.Random(self._job.seed + number).shuffle(items)  # noqa: S311 — an order, not a secret
        heard = listen(
            lambda say: self._live_together(number, items, say),
            silence=math.inf,
            total=min(len(items) * self._job.test_seconds, self._job.round_seconds) if items else math.inf,
        )
        self._folder.put_back()
        ended = _Ended(heard, self._job)
        if number == 1 and items and ended.last:
            self.coverage = ended.last
        failed = [item for item in ended.items if item["outcome"] in _BY_SEVERITY]
        return {
            "event": "round",
            "round": number,
            "outcome": "passed" if ended.outcome == "skipped" and items else ended.outcome,
            "detail": ended.detail,
            "failed": [{key: item[key] for key in ("item", "outcome", "detail")} for item in failed],
            "seconds": heard.seconds,
            "left_out": list(self._left_out),
        }

    def _live_alone(self, items: Sequence[Any], say: Say) -> None:
        self._shelter.hand_over()
        self._measure(items, say)
        say({**self._covered(), "leaks": self._before.left_behind(self._job.thread_seconds)})

    def _live_together(self, number: int, items: Sequence[Any], say: Say) -> None:
        self._shelter.hand_over()
        if number > 1:
            os.chdir(tempfile.mkdtemp(dir=self._shelter.scratch))
            os.environ["TZ"] = _ZONES[number % len(_ZONES)]
            time.tzset()
        random.seed(self._job.seed + number)
        self._measure(items, say)
        say(self._covered())

    def _measure(self, items: Sequence[Any], say: Callable[[dict[str, Any]], None]) -> None:
        self._recorder.run(items, say)
        self._meter.note()

    def _covered(self) -> dict[str, Any]:
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
            self.detail = clip(broken, job.detail_chars) or heard.crash
        cut = "timeout" if heard.timed_out else "crashed" if heard.crash else ""
        begun = [message["began"] for message in heard.messages if "began" in message]
        if cut and len(begun) > len(self.items):
            self.items.append(
                {"item": begun[-1], "outcome": cut, "detail": self.detail, "line": None, "seconds": heard.seconds}
            )
        self.outcome = cut or _sum([item["outcome"] for item in self.items])


def _sum(outcomes: Sequence[str]) -> str:
    """Returns the worst outcome; a test is skipped only if none of its cases ran."""
    for outcome in _BY_SEVERITY:
        if outcome in outcomes:
            return outcome
    return "passed" if "passed" in outcomes else "skipped"
