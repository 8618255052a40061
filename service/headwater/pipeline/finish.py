"""Makes the test file, and runs it once more as the user will."""

from __future__ import annotations

from dataclasses import replace

from headwater.pipeline import Job, Rejected, Tell, Warned
from headwater.pipeline.judgement import ROUNDS, Judgement
from headwater.pipeline.suite import tests_of

PATIENCE = 3
"""So many times only those tests are taken out that are seen to fail; then more each time, so that it ends soon."""


async def tidy_up(job: Job, tell: Tell) -> None:
    """Composes the accepted tests into one formatted file, those of one symbol beside each other."""
    del tell
    places: dict[str, int] = {}
    for place, case in enumerate(job.accepted):
        places.setdefault(case.symbol or case.name, place)
    job.accepted.sort(key=lambda case: places[case.symbol or case.name])
    job.output = await _file(job) if job.accepted else ""


async def validate(job: Job, tell: Tell) -> None:
    """Runs the whole file as it will be run from now on, and measures its coverage.

    A test that fails now is taken out again: the file is what counts. `job.coverage` becomes what the file covers.
    A file that goes on failing loses twice as many tests from its end each time.
    """
    tries = 0
    while job.accepted:
        found = await job.language.runner.judge(job, job.output, rounds=ROUNDS)
        names = [case.name for case in job.accepted]
        losers = _losers(names, found)
        if not losers:
            job.coverage = job.baseline.plus(found.lines, found.taken)
            return
        tries += 1
        doubtful = names[-(1 << (tries - PATIENCE)) :] if tries > PATIENCE else []
        losers = dict.fromkeys(doubtful, "the tests together go on failing, and it is not known why") | losers
        await _take_out(job, losers, tell)
        job.output = await _file(job) if job.accepted else ""
    job.coverage = job.baseline


async def _file(job: Job) -> str:
    grammar = job.language.grammar
    composed = grammar.compose(job.header, job.imports, job.helpers, [case.code for case in job.accepted])
    text = await job.language.runner.tidy(job, composed)
    code = tests_of(grammar.cutter(), text)
    job.accepted = [replace(case, code=code[case.name]) for case in job.accepted]
    return text


def _losers(names: list[str], found: Judgement) -> dict[str, str]:
    """Names the tests that were not collected, or failed in a round, with the reason."""
    absent = found.collection_errors[0] if found.collection_errors else found.ended.detail
    losers = {name: absent or "it was not collected" for name in names if name not in found.collected}
    losers |= {name: detail for name, detail in found.unsteady.items() if name in names}
    if not losers and (found.unsteady or found.rounds < ROUNDS):
        # A round that did not end names nobody; without the last test it may.
        losers[names[-1]] = found.unsteady.get("") or found.ended.detail
    return losers


async def _take_out(job: Job, losers: dict[str, str], tell: Tell) -> None:
    for case in job.accepted:
        if case.name in losers:
            reason = f"It failed in the finished file: {losers[case.name]}"
            job.rejected.append(Rejected(name=case.name, verdict="flaky", reason=reason, code=case.code))
            await tell(Warned(reason="TEST_WITHDRAWN", message=f"{case.name} is withdrawn. {reason}"))
    job.accepted = [case for case in job.accepted if case.name not in losers]
