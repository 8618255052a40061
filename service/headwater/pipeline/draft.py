"""Reads what the provider writes, and judges each test while the next ones are still being written."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing

from headwater.errors import Problem
from headwater.pipeline import Drafted, Job, Past, Progressed, Rejected, Tell, Warned, Withdrawn, Written
from headwater.pipeline.accept import Acceptance
from headwater.pipeline.explore import explorer
from headwater.pipeline.floor import GAP
from headwater.pipeline.languages import Commission
from headwater.pipeline.pieces import Piece
from headwater.providers import Delta, Failure, LeftOut, Note, Reached, Task

PROGRESS_SECONDS = 0.5
"""While a batch is run, so often it is told how far that has come."""
GENERATE_FROM, GENERATE_TO = 30.0, 50.0
RETRY_FROM, RETRY_TO = 85.0, 91.0


async def draft(job: Job, tell: Tell) -> None:
    """Has the provider write, and accepts each test that passes, as soon as it does.

    Ends when the provider has nothing more to say, or a target of the job is reached.
    """
    reading = _Reading(job, tell)
    acceptance = Acceptance(job, tell, reading.notes, reading.judged)
    reader = asyncio.create_task(reading.read())
    try:
        while (pieces := await reading.next_pieces()) and not job.satisfied:
            await acceptance.consider(pieces)
            await tell(reading.progress())
        await acceptance.settle()
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

    pieces = [piece for text in past.drafts for piece in _pieces(job, text) if piece.kind in {"import", "helper"}]
    pieces += [Piece(kind="test", name=name, code=case.code, line=0) for name, case in past.cases.items()]
    await Acceptance(job, silent, _notes_of(past), again=True).consider(pieces)
    for name in past.cases.keys() - {case.name for case in job.accepted}:
        await tell(Warned(reason="TEST_WITHDRAWN", message=f"{name} is withdrawn: it did not pass again."))


def _pieces(job: Job, text: str) -> list[Piece]:
    cutter = job.language.grammar.cutter()
    return [*cutter.feed(text), *cutter.close()]


class _Reading:
    """The provider's answer as it comes: tells the text, keeps the notes, queues the pieces."""

    def __init__(self, job: Job, tell: Tell) -> None:
        self.notes: dict[str, Note] = {}
        self._job = job
        self._tell = tell
        self._pieces: asyncio.Queue[Piece | None] = asyncio.Queue()
        self._reached: Reached | None = None
        self._over = False
        self._executed = job.executions
        self._told_at = time.monotonic()
        job.draft = ""

    async def read(self) -> None:
        grammar = self._job.language.grammar
        cutter = grammar.cutter()
        try:
            async with aclosing(self._job.provider.stream(_task(self._job))) as deltas:
                async for delta in deltas:
                    if delta.restarted:
                        self._queue(cutter.close())
                        cutter = grammar.cutter()
                        await self._announce(delta.restarted)
                        continue
                    text = _encodable(delta.text)
                    await self._take(delta, text)
                    if delta.withdrawn:
                        cutter = grammar.cutter()  # What is withdrawn is the piece at hand, which was not finished.
                    self._queue(cutter.feed(text) if text else ())
                    if delta.whole:
                        self._queue(cutter.close())
                        cutter = grammar.cutter()
            self._queue(cutter.close())
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

    async def judged(self, done: int, of: int) -> None:
        """Tells how much of a batch was run, now and then, so that nobody takes a long one for a standstill."""
        if time.monotonic() - self._told_at >= PROGRESS_SECONDS:
            await self._tell(self.progress(f"{done} of {of} candidates run"))

    def progress(self, message: str = "") -> Progressed:
        """Says how far the attempt has come."""
        self._told_at = time.monotonic()
        job, reached = self._job, self._reached
        again = job.attempt > 1
        low, high = (RETRY_FROM, RETRY_TO) if again else (GENERATE_FROM, GENERATE_TO)
        total = job.aim.target_count
        spent = 1 - max(0.0, job.seconds_left) / job.aim.budget_seconds
        done = max(spent, len(job.accepted) / total if total else 0.0)
        return Progressed(
            percent=round(low + (high - low) * min(1.0, done), 1),
            message=message or (reached.message if reached else "") or f"{len(job.accepted)} tests verified",
            stage="retry" if again else "generate",
            count=len(job.accepted),
            total=total,
            branches_covered=len(job.coverage.taken),
            branches_total=len(job.coverage.branches),
        )

    async def _take(self, delta: Delta, text: str) -> None:
        job = self._job
        self.notes.update((note.test_name, note) for note in delta.notes)
        job.rejected += [each for each in map(_left_out, delta.left_out) if each not in job.rejected]
        job.stopped_by = delta.stopped_by or job.stopped_by
        if delta.warning:
            job.warned = delta.warning
            await self._tell(Warned(reason="PROVIDER", message=delta.warning))
        if text or delta.withdrawn:
            offset = len(job.draft) - delta.withdrawn
            job.draft = job.draft[:offset] + text
            await self._tell(Written(text=text, offset=offset))
        job.answered_by = delta.model or job.answered_by
        job.prompt_sha256 = delta.prompt_sha256 or job.prompt_sha256
        if delta.usage is not None:
            job.usage = job.usage + delta.usage
        if delta.reached is not None:
            self._reached = delta.reached
            job.executions = self._executed + delta.reached.executions
            await self._tell(self.progress())

    async def _announce(self, message: str) -> None:
        """Withdraws the draft, and tells again what stays of it: the pieces that were complete."""
        job = self._job
        await self._tell(Withdrawn(scope="draft", attempt=job.attempt, message=message))
        if job.draft:
            job.draft = f"{job.draft.rstrip()}{GAP}"
            await self._tell(Written(text=job.draft, offset=0))

    def _queue(self, pieces: list[Piece] | tuple[()]) -> None:
        for piece in pieces:
            self._pieces.put_nowait(piece)


def _left_out(found: LeftOut) -> Rejected:
    return Rejected(name=found.about, verdict=found.verdict, reason=found.reason, code=_encodable(found.code))


def _encodable(text: str) -> str:
    """Replaces halves of surrogate pairs, which a model may name by escapes and no file and no wire can hold."""
    return text.encode(errors="replace").decode()


def _task(job: Job) -> Task:
    aim = job.aim
    missing = job.coverage.statements - job.coverage.lines, job.coverage.branches - job.coverage.taken
    return Commission(
        language=job.language,
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
        executions=job.executions_left,
        target_count=aim.target_count,
        missing_lines=tuple(sorted(missing[0])),
        missing_branches=tuple(sorted(missing[1])),
        failures=tuple(
            Failure(test_name=each.name, code=each.code, verdict=each.verdict, detail=each.reason)
            for each in job.rejected
            if each.code and each.verdict != "suspected_bug"
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
        )
        for name, case in past.cases.items()
    }
