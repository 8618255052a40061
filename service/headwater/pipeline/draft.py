"""Reads what the provider writes, and judges each test while the next ones are still being written."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from headwater.errors import Problem
from headwater.pipeline import Drafted, Job, Past, Progressed, Rejected, Tell, Warned, Written
from headwater.pipeline.accept import Acceptance
from headwater.pipeline.explore import explorer
from headwater.pipeline.suite import Piece, Splitter
from headwater.providers import Delta, Failure, Note, Reached, Task

GENERATE_FROM, GENERATE_TO = 30.0, 50.0
RETRY_FROM, RETRY_TO = 85.0, 91.0


async def draft(job: Job, tell: Tell) -> None:
    """Has the provider write, and accepts each test that passes, as soon as it does.

    Ends when the provider has nothing more to say, or a target of the job is reached.
    """
    reading = _Reading(job, tell)
    acceptance = Acceptance(job, tell, reading.notes)
    reader = asyncio.create_task(reading.read())
    try:
        while (pieces := await reading.next_pieces()) and not job.satisfied:
            await acceptance.consider(pieces)
            await tell(reading.progress())
    finally:
        reader.cancel()
        await asyncio.wait([reader])
    failure = None if reader.cancelled() else reader.exception()
    if isinstance(failure, Problem) and job.accepted:
        # What is there is worth having: a provider that breaks off does not take it along.
        await tell(Warned(reason=failure.reason, message=failure.message, remedy=failure.remedy))
    elif failure is not None:
        raise failure
    job.stopped_by = job.satisfied or job.stopped_by or "exhausted"
    await tell(Drafted(text=job.draft, attempt=job.attempt))


async def adopt(job: Job, past: Past, tell: Tell) -> None:
    """Takes over the tests that were announced before a crash: judged again, and not announced twice.

    The drafts give the imports and helpers, the events the tests, as they were accepted. One that does not pass again
    is withdrawn by a warning.
    """

    async def silent(_: object) -> None:
        """Tells nobody: these steps are in the journal already."""

    pieces = [piece for text in past.drafts for piece in _pieces(text) if piece.kind in {"import", "helper"}]
    pieces += [Piece(kind="test", name=name, code=case.code, line=0) for name, case in past.cases.items()]
    await Acceptance(job, silent, _notes_of(past)).consider(pieces)
    for name in past.cases.keys() - {case.name for case in job.accepted}:
        await tell(Warned(reason="TEST_WITHDRAWN", message=f"{name} is withdrawn: it did not pass again."))


def _pieces(text: str) -> list[Piece]:
    splitter = Splitter()
    return [*splitter.feed(text), *splitter.close()]


class _Reading:
    """The provider's answer as it comes: tells the text, keeps the notes, queues the pieces."""

    def __init__(self, job: Job, tell: Tell) -> None:
        self.notes: dict[str, Note] = {}
        self._job = job
        self._tell = tell
        self._pieces: asyncio.Queue[Piece | None] = asyncio.Queue()
        self._reached: Reached | None = None
        self._over = False
        job.draft = ""

    async def read(self) -> None:
        splitter = Splitter()
        try:
            async with aclosing(self._job.provider.stream(_task(self._job))) as deltas:
                async for delta in deltas:
                    await self._take(delta)
                    if delta.withdrawn:
                        splitter = Splitter()  # What is withdrawn is the piece at hand, which was not finished.
                    self._queue(splitter.feed(delta.text) if delta.text else ())
                    if delta.whole:
                        self._queue(splitter.close())
                        splitter = Splitter()
            self._queue(splitter.close())
        finally:
            self._pieces.put_nowait(None)

    async def next_pieces(self) -> list[Piece]:
        """Returns all pieces that are complete by now, at least one; none when the answer is over."""
        if self._over:
            return []
        found: list[Piece] = []
        while True:
            piece = self._pieces.get_nowait() if found and not self._pieces.empty() else await self._pieces.get()
            self._over = piece is None
            if piece is not None:
                found.append(piece)
            if self._over or self._pieces.empty():
                return found

    def progress(self) -> Progressed:
        job, reached = self._job, self._reached
        again = job.attempt > 1
        low, high = (RETRY_FROM, RETRY_TO) if again else (GENERATE_FROM, GENERATE_TO)
        total = job.aim.target_count
        spent = 1 - max(0.0, job.seconds_left) / job.aim.budget_seconds
        done = max(spent, len(job.accepted) / total if total else 0.0)
        return Progressed(
            percent=round(low + (high - low) * min(1.0, done), 1),
            message=reached.message
            if reached is not None and reached.message
            else f"{len(job.accepted)} tests verified",
            stage="retry" if again else "generate",
            count=len(job.accepted),
            total=total,
            branches_covered=len(job.coverage.taken),
            branches_total=len(job.coverage.branches),
        )

    async def _take(self, delta: Delta) -> None:
        job = self._job
        self.notes.update((note.test_name, note) for note in delta.notes)
        job.rejected += [
            Rejected(name=each.about, verdict="useless", reason=each.reason, code=each.code) for each in delta.left_out
        ]
        job.stopped_by = delta.stopped_by or job.stopped_by
        if delta.warning:
            await self._tell(Warned(reason="PROVIDER", message=delta.warning))
        if delta.text or delta.withdrawn:
            offset = len(job.draft) - delta.withdrawn
            job.draft = job.draft[:offset] + delta.text
            await self._tell(Written(text=delta.text, offset=offset))
        job.answered_by = delta.model or job.answered_by
        job.prompt_sha256 = delta.prompt_sha256 or job.prompt_sha256
        if delta.usage is not None:
            job.usage = job.usage + delta.usage
        if delta.reached is not None:
            self._reached = delta.reached
            job.executions = delta.reached.executions
            await self._tell(self.progress())

    def _queue(self, pieces: list[Piece] | tuple[()]) -> None:
        for piece in pieces:
            self._pieces.put_nowait(piece)


def _task(job: Job) -> Task:
    aim = job.aim
    missing = job.coverage.statements - job.coverage.lines, job.coverage.branches - job.coverage.taken
    return Task(
        source=aim.source,
        path=aim.path,
        module=aim.module,
        symbols=aim.symbols,
        line_range=aim.line_range,
        test_type=aim.test_type,
        model=job.model,
        seed=aim.seed,
        attempt=job.attempt,
        budget_seconds=max(0.0, job.seconds_left),
        target_count=aim.target_count,
        missing_lines=tuple(sorted(missing[0])),
        missing_branches=tuple(sorted(missing[1])),
        failures=tuple(
            Failure(test_name=each.name, code=each.code, verdict=each.verdict, detail=each.reason)
            for each in job.rejected
            if each.code
        ),
        taken_names=frozenset(case.name for case in job.accepted),
        read=job.read,
        explore=explorer(job),
    )


def _notes_of(past: Past) -> dict[str, Note]:
    return {
        name: Note(
            test_name=name,
            symbol=case.symbol,
            basis=case.basis,
            basis_detail=case.basis_detail,
            edge_cases=case.edge_cases,
            distinct=True,
        )
        for name, case in past.cases.items()
    }
