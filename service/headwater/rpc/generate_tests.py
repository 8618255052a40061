"""GenerateTests: from code to tests that were run.

With requests.py and steps.py the only place that knows both the pipeline's words and the wire's.
"""

from __future__ import annotations

import asyncio
from functools import partial

from headwater.errors import Code, Problem, invalid, problem
from headwater.pipeline import Aim, Job, Past, Tell
from headwater.pipeline.flow import generate
from headwater.rpc import Emit, JobLimits, Tools
from headwater.rpc.requests import Checked, check_request
from headwater.rpc.steps import Translator, complete_event, past_of
from headwater.sandbox import Level, Workspace
from headwater.sources import SourceLimits, SourceRequest, SourceTree, load_source
from headwater.sources.beside import reader_of
from headwater.v1 import generate_tests_pb2 as pb


async def generate_tests(request: pb.GenerateTestsRequest, emit: Emit, tools: Tools) -> None:
    """Generates tests for the given source, and streams each one as soon as it was run and passed."""
    checked = check_request(request, tools.limits)
    tree = await _load(request, tools)
    if tree.language != "python":
        message = f"{tree.path} is not Python, as far as its name tells."
        raise invalid("LANGUAGE_UNKNOWN", "source.path", message, "Send a file that ends in .py.")
    checked.check_target(tree.text)
    provider = await asyncio.to_thread(tools.provider, checked.providers, emit.owner)
    if not emit.past:
        await emit(_start(checked, tree, tools.sandbox.level))
    translator = Translator(emit, tools.stage_seconds)
    async with emit.turn():
        room = await tools.sandbox.room(_workspace(tree))
        try:
            job = Job(
                aim=_aim(checked, tree, tools.limits),
                provider_name=checked.provider,
                model=checked.model,
                provider=provider,
                room=room,
                limits=tools.limits.sandbox,
                read=reader_of(tree, tools.limits.file_bytes),
            )
            await _work(job, translator.tell, past_of(emit.past))
        finally:
            await room.close()
    cost = tools.cost(job.answered_by, job.usage) if job.answered_by else None
    await emit(complete_event(job, tree.sha256, translator.first_test_seconds, cost))


async def _work(job: Job, tell: Tell, past: Past) -> None:
    await generate(job, tell, past)
    if not job.accepted:
        raise _no_tests(job)


async def _load(request: pb.GenerateTestsRequest, tools: Tools) -> SourceTree:
    limits = tools.limits
    load = partial(
        load_source,
        _source(request.source),
        limits=SourceLimits(file_bytes=limits.file_bytes, total_bytes=limits.unpacked_bytes, files=limits.files),
        allowed_roots=tools.allowed_roots,
        language=request.language,
    )
    return await asyncio.to_thread(load)


def _source(source: pb.Source) -> SourceRequest:
    return SourceRequest(
        path=source.path,
        content=source.content if source.HasField("content") else None,
        files={each.path: each.content for each in source.files},
        archive=source.archive,
        root=source.root,
        python=source.python,
    )


def _workspace(tree: SourceTree) -> Workspace:
    return Workspace(python=tree.python, roots=tree.roots, files=tree.files)


def _aim(checked: Checked, tree: SourceTree, limits: JobLimits) -> Aim:
    return Aim(
        source=tree.text,
        path=tree.path,
        file=str(tree.roots[0] / tree.path) if tree.roots else tree.path,
        module=tree.module,
        symbols=checked.symbols,
        line_range=checked.line_range,
        test_type=checked.test_type,
        target_count=checked.target_count,
        coverage_target=checked.coverage_target,
        seed=checked.seed,
        budget_seconds=checked.budget_seconds,
        test_seconds=checked.test_seconds,
        import_seconds=limits.import_seconds,
        max_attempts=checked.max_attempts,
    )


def _start(checked: Checked, tree: SourceTree, level: Level) -> pb.GenerateTestsEvent:
    start = pb.GenerateTestsStart(
        module=tree.module,
        path=tree.prefix + tree.path,
        language=tree.language,
        framework=checked.framework,
        provider=checked.provider,
        model=checked.model,
        seed=checked.seed,
        sandbox=level.value,
    )
    start.budget.FromMilliseconds(round(checked.budget_seconds * 1000))
    return pb.GenerateTestsEvent(start=start)


def _no_tests(job: Job) -> Problem:
    """Says that nothing could be written, and why the candidates failed."""
    message = f"No test of {job.aim.module} could be written."
    if job.rejected:
        first = job.rejected[0]
        message += (
            f" Candidates were dropped ({len(job.rejected)}); the first, {first.name}: {first.reason.rstrip('.')}."
        )
    remedy = "Aim at other symbols, give it a longer budget, or use another provider."
    return problem(Code.FAILED_PRECONDITION, "NO_TESTS", message, remedy, module=job.aim.module)
