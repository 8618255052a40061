"""Decides which tests are kept: each must pass alone and with all others, leave nothing behind, and add something."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from headwater.pipeline import Accepted, Case, Job, Rejected, Tell
from headwater.pipeline.cases import without_cases
from headwater.pipeline.judgement import ROUNDS, Alone, Judgement, Told
from headwater.pipeline.languages import Look
from headwater.pipeline.pieces import Piece
from headwater.pipeline.spares import Spare, Spares
from headwater.pipeline.suite import tests_of
from headwater.providers import Note

REPEATS = "It passes and covers nothing that an earlier test does not"
UNNOTICED = "nor was it the first to notice any of the mutants that were tried"
WORD = re.compile(r"[^\W\d]\w*")
REPAIRS = 5
"""How often a batch is run again without what spoiled it."""


class Acceptance:
    """Judges the pieces of a draft, batch by batch, and grows the job's suite by those that hold."""

    def __init__(
        self, job: Job, tell: Tell, notes: Mapping[str, Note], told: Told | None = None, *, again: bool = False
    ) -> None:
        """Tells each test that is accepted; `notes` are what the provider says of its tests, by name.

        `told` hears how many tests of a batch were run. The tests were accepted before where they are judged `again`:
        those that hold are kept, whatever they add.
        """
        self._job = job
        self._tell = tell
        self._notes = notes
        self._told = told
        self._language = job.language
        self._mending = job.language.runner.mending(job)
        self._again = again
        self._spares = Spares()

    async def consider(self, pieces: Sequence[Piece]) -> None:
        """Takes imports and helpers in, and judges the tests."""
        job = self._job
        tests: dict[str, str] = {}
        for piece in pieces:
            look = Look(fault=piece.detail) if piece.kind == "broken" else self._language.grammar.look(piece.code)
            match piece.kind:
                case _ if look.fault or piece.kind == "broken":
                    # One text that is no code would spoil the whole batch, whatever it stands for.
                    self._reject(piece.name, piece.code, "failed", self._not_code(look.fault))
                case _ if look.unsafe:
                    self._reject(piece.name, piece.code, "unsafe", look.unsafe)
                case "import":
                    job.imports.append(piece.code)
                case "helper":
                    job.helpers.append(piece.code)
                    job.asserting.update(() if look.hollow else piece.names)
                case _:
                    self._add(tests, piece)
        job.candidates += len(tests)
        if tests:
            await self._judge(tests)

    def _add(self, tests: dict[str, str], piece: Piece) -> None:
        """Counts a test in, under a name that nobody else has."""
        taken = {case.name for case in self._job.accepted} | tests.keys() | self._spares.tests.keys()
        name, number = piece.name, 2
        while name in taken:
            name, number = f"{piece.name}_{number}", number + 1
        tests[name] = piece.code if name == piece.name else self._language.grammar.rename(piece.code, piece.name, name)

    async def _judge(self, tests: dict[str, str]) -> None:
        """Runs the tests until those that are left hold together; what fails or spoils a round is dropped.

        A test that fails alone takes no part in the rounds, so the others are known to hold without it. Where one
        test spoils all and nobody knows which, each half is judged by itself.
        """
        for _ in range(REPAIRS):
            text = await self._module(tests)
            code = tests_of(self._language.grammar.cutter(), text)
            found = await self._language.runner.judge(self._job, text, tuple(tests), rounds=ROUNDS, told=self._told)
            if len(tests) > 1 and found.collection_errors and not found.alone:
                await self._judge_halves(tests)
                return
            smaller = self._sift(tests, found)
            if len(tests) > 1 and _is_spoiled(found) and found.unsteady.keys().isdisjoint(tests):
                await self._judge_halves(tests | smaller)
                return
            if not self._unsteady(tests, found):
                await self._keep({name: code[name] for name in tests}, found)
                tests = {}
            tests |= smaller
            if not tests:
                return
        for name, text in tests.items():
            self._reject(name, text, "flaky", "It does not hold together with the other tests.")

    async def _judge_halves(self, tests: dict[str, str]) -> None:
        names = list(tests)
        middle = len(names) // 2
        for half in (names[:middle], names[middle:]):
            await self._judge({name: tests[name] for name in half})

    async def _module(self, tests: dict[str, str]) -> str:
        job = self._job
        kept = [case.code for case in job.accepted]
        text = self._language.grammar.compose(job.header, job.imports, job.helpers, [*kept, *tests.values()])
        return await self._language.runner.tidy(job, text)

    def _sift(self, tests: dict[str, str], found: Judgement) -> dict[str, str]:
        """Drops the tests that fail by themselves; returns those that were mended or cut down, to be judged again."""
        smaller: dict[str, str] = {}
        for name in list(tests):
            alone = found.alone.get(name)
            if alone is None:
                reason = found.collection_errors[0] if found.collection_errors else found.ended.detail
                smaller |= self._fail(tests, name, reason or "It was not collected.")
            elif alone.outcome != "passed":
                smaller |= self._cut(tests, name, alone)
            elif alone.leaks:
                reason = f"It leaves state behind: {', '.join(alone.leaks)}."
                smaller |= self._fail(tests, name, reason, verdict="unsafe")
        return smaller

    def _unsteady(self, tests: dict[str, str], found: Judgement) -> bool:
        """Drops the tests that fail in company; whether there were any, or a round did not end."""
        if not _is_spoiled(found):
            return False
        guilty = [name for name in tests if name in found.unsteady]
        for name in guilty:
            self._drop(tests, name, "flaky", found.unsteady[name] or "It fails in another order.")
        if not guilty:
            # Earlier tests fail, or a round did not end: one of the batch is a polluter, and nobody knows which.
            detail = next(iter(found.unsteady.values()), "") or found.ended.detail
            for name in list(tests):
                self._drop(tests, name, "flaky", f"Together with it, other tests fail: {detail}")
        return True

    def _cut(self, tests: dict[str, str], name: str, alone: Alone) -> dict[str, str]:
        """Drops a test that failed; returns it without the parametrized cases that did, if any others are left."""
        failed = {index for index, (outcome, _) in enumerate(alone.items) if outcome != "passed"}
        if alone.outcome == "failed" and failed and len(failed) < len(alone.items):
            smaller = without_cases(tests[name], failed)
            if smaller is not None:
                self._drop(tests, name, "failed", f"{len(failed)} of its cases failed: {alone.detail}")
                return {name: smaller}
        if alone.outcome == "failed":
            return self._fail(tests, name, alone.detail)
        if alone.outcome == "timeout":
            self._drop(tests, name, "timeout", alone.detail)
        else:
            self._drop(tests, name, "unsafe", f"It took the process down: {alone.detail or alone.outcome}.")
        return {}

    def _fail(self, tests: dict[str, str], name: str, reason: str, verdict: str = "failed") -> dict[str, str]:
        """Drops a test that failed; returns it mended, if its fault is a mechanical one."""
        mended = self._mending.mend(name, tests[name], reason)
        if mended is None:
            self._drop(tests, name, verdict, reason)
            return {}
        del tests[name]
        return {name: mended}

    def _drop(self, tests: dict[str, str], name: str, verdict: str, reason: str) -> None:
        self._reject(name, tests.pop(name), verdict, reason)

    def _reject(self, name: str, code: str, verdict: str, reason: str) -> None:
        self._job.rejected.append(Rejected(name=name, verdict=verdict, reason=reason.strip(), code=code))

    async def settle(self) -> None:
        """Accepts, of the tests that cover nothing new, those that notice a mutant which no other test notices."""
        spares = self._spares.tests
        if not spares:
            return
        kept, rest = list[Spare](), list(spares.values())
        if not self._job.satisfied:
            text = await self._module({name: spare.code for name, spare in spares.items()})
            kept, rest = await self._spares.sift(self._job, self._tell, text)
        spares.clear()
        for spare in kept:
            await self._accept(spare)
        tried = self._language.kill is not None and not self._job.satisfied
        for spare in rest:
            reason = f"{REPEATS}, {UNNOTICED}." if tried else f"{REPEATS}."
            self._reject(spare.name, spare.code, "useless", reason)

    async def _keep(self, tests: Mapping[str, str], found: Judgement) -> None:
        """Accepts, in the order of the draft, the tests that add something."""
        job = self._job
        for name, code in tests.items():
            if job.satisfied:
                return
            note = self._notes.get(name) or Note(test_name=name)
            spare = Spare(name=name, code=code, alone=found.alone[name], note=note)
            look = self._language.grammar.look(code)
            if look.hollow and job.asserting.isdisjoint(WORD.findall(code)) and not self._again:
                self._reject(name, code, "useless", "It asserts nothing that could fail.")
            elif not found.verified or self._gains(spare) or self._worth_without_gain(note):
                await self._accept(spare, verified=found.verified)
            elif job.aim.known is not None:
                self._reject(name, code, "useless", f"{REPEATS}.")
            else:
                self._spares.tests[name] = spare

    def _gains(self, spare: Spare) -> bool:
        """Whether a test covers what no earlier one does."""
        covered = self._job.coverage
        return covered.plus(spare.alone.lines, spare.alone.branches) != covered

    async def _accept(self, spare: Spare, *, verified: bool = True) -> None:
        job, note = self._job, spare.note
        grown = job.coverage.plus(spare.alone.lines, spare.alone.branches)
        case = Case(
            name=spare.name,
            code=spare.code,
            symbol=note.symbol,
            basis=note.basis,
            basis_detail=note.basis_detail,
            edge_cases=note.edge_cases,
            assertions=self._language.grammar.look(spare.code).assertions,
            lines=tuple(sorted(grown.lines - job.coverage.lines)),
            branches=tuple(sorted(grown.taken - job.coverage.taken)),
            seconds=spare.alone.seconds,
            verdict="good" if verified else "unverified",
            framework=self._language.framework,
        )
        job.coverage = grown
        job.accepted.append(case)
        await self._tell(Accepted(case=case, count=len(job.accepted)))

    def _not_code(self, fault: str) -> str:
        return f"The text is not {self._language.title}: {fault}"

    def _worth_without_gain(self, note: Note) -> bool:
        """Whether a test is certainly worth having though it covers nothing new.

        It is if a contract backs it, if its provider knows what it alone shows, or if more tests were asked for; never
        where other tests exist and gaps are to be closed.
        """
        job = self._job
        if self._again:
            return True
        asked_for = 0 < len(job.accepted) < job.aim.target_count
        return job.aim.known is None and (note.basis == "contract" or note.lasting or asked_for)


def _is_spoiled(found: Judgement) -> bool:
    """Whether a test failed in company, or a round did not end."""
    return bool(found.unsteady) or found.rounds != ROUNDS
