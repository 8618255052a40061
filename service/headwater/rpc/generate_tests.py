"""GenerateTests: from code to tests that were run.

With requests.py and steps.py the only place that knows both the pipeline's words and the wire's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from headwater.errors import Code, Problem, invalid, problem
from headwater.pipeline import Aim, Coverage, Job, Past, Tell
from headwater.pipeline.flow import generate
from headwater.pipeline.languages import Language
from headwater.pipeline.languages.makers import LANGUAGES, make_language
from headwater.pipeline.languages.project import Project
from headwater.pipeline.languages.python import PYTHON
from headwater.pipeline.languages.unverified import Nowhere
from headwater.providers.names import FIRST
from headwater.rpc import Emit, JobLimits, Tools
from headwater.rpc.requests import Checked, check_request, known_symbols
from headwater.rpc.rooms import room_of
from headwater.rpc.steps import Translator, complete_event, past_of
from headwater.sandbox import Level, Room, Workspace
from headwater.sources import SourceLimits, SourceRequest, SourceTree, load_source
from headwater.sources.beside import has_package, lister_of, packages_beside, reader_of
from headwater.sources.text import language_of
from headwater.v1 import generate_tests_pb2 as pb

EMBEDDED = "embedded"
LAST = 2
"""So many of the last reasons are told where nothing was written that could be run."""
NO_SANDBOX = "Nothing on this host locks strangers' code up, so none is run."
NO_SANDBOX_REMEDY = "Install bubblewrap, or allow unprivileged user namespaces, where the server runs."


async def generate_tests(request: pb.GenerateTestsRequest, emit: Emit, tools: Tools) -> None:
    """Generates tests for the given source, and streams each one as soon as it was run and passed."""
    checked = check_request(request, tools.limits)
    tree = await _load(request, tools)
    name = language_of(tree.path)
    if name not in LANGUAGES or name != (request.language.lower() or name):
        raise _unknown(tree, request.language)
    checked.check_target(tree.text, known_symbols(tree.text, name, tree.path))
    providers = writers_of(checked.providers, LANGUAGES[name].title, tree.path)
    read = reader_of(tree, tools.limits.file_bytes)
    project = _project(tree, tools, read)
    language = await asyncio.to_thread(make_language, name, project, checked.framework)
    provider = await asyncio.to_thread(tools.provider, providers, emit.owner)
    if not emit.past:
        await emit(_start(checked, tree, tools.sandbox.level, language))
    translator = Translator(emit, tools.stage_seconds)
    async with emit.turn(), room_of(_room(project, tree, tools, language)) as room:
        job = Job(
            aim=_aim(checked, tree, tools.limits, language, _known(request)),
            provider_name=providers[0].partition(":")[0],
            model=checked.model,
            provider=provider,
            room=room,
            limits=tools.limits.sandbox,
            language=language,
            read=read,
        )
        await _work(job, translator.tell, past_of(emit.past))
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


def _project(tree: SourceTree, tools: Tools, read: Callable[[str], str | None]) -> Project:
    """Describes where the file lies; where nothing locks strangers' code up, it says so."""
    refusal = problem(Code.FAILED_PRECONDITION, "SANDBOX_UNAVAILABLE", NO_SANDBOX, NO_SANDBOX_REMEDY)
    return Project(
        source=tree.text,
        path=tree.path,
        read=read,
        has=has_package(tree, tools.allowed_roots),
        files=lister_of(tree),
        top=tree.roots[0] if tree.roots else None,
        refusal=refusal if tools.sandbox.level is Level.NONE else None,
    )


async def _room(project: Project, tree: SourceTree, tools: Tools, language: Language) -> Room:
    """Opens a room; for a language whose tests need not run, there is one where none can be opened."""
    if language is PYTHON:
        return await tools.sandbox.room(Workspace(python=tree.python, roots=tree.roots, files=tree.files))
    if project.refusal is not None:
        return Nowhere(project.refusal)
    packages = packages_beside(tree, tools.allowed_roots)
    beyond = [each for each in packages if not any(each.is_relative_to(root) for root in tree.roots)]
    folders = await asyncio.to_thread(language.folders)
    return await tools.sandbox.room(Workspace(roots=(*tree.roots, *beyond, *folders), files=tree.files))


def _known(request: pb.GenerateTestsRequest) -> Callable[[Coverage], Coverage] | None:
    """Returns what adds the coverage of tests that exist to what the import executes; None where none is told."""
    if not request.HasField("covered"):
        return None
    lines = frozenset(request.covered.lines)
    taken = frozenset((each.from_line, each.to_line) for each in request.covered.branches)
    return lambda imported: imported.plus(lines, taken)


def _aim(
    checked: Checked,
    tree: SourceTree,
    limits: JobLimits,
    language: Language,
    known: Callable[[Coverage], Coverage] | None,
) -> Aim:
    return Aim(
        source=tree.text,
        path=tree.path,
        file=str(tree.roots[0] / tree.path) if tree.roots else tree.path,
        module=tree.module if language is PYTHON else tree.path,
        symbols=checked.symbols,
        line_range=checked.line_range,
        test_type=checked.test_type,
        target_count=checked.target_count,
        coverage_target=checked.coverage_target,
        seed=checked.seed,
        budget_seconds=checked.budget_seconds,
        executions=checked.executions,
        test_seconds=checked.test_seconds,
        import_seconds=limits.import_seconds,
        max_attempts=checked.max_attempts,
        known=known,
    )


def _start(checked: Checked, tree: SourceTree, level: Level, language: Language) -> pb.GenerateTestsEvent:
    start = pb.GenerateTestsStart(
        module=tree.module or tree.path,
        path=tree.prefix + tree.path,
        language=language.name,
        framework=language.framework,
        provider=checked.provider,
        model=checked.model,
        seed=checked.seed,
        sandbox=level.value,
    )
    start.budget.FromMilliseconds(round(checked.budget_seconds * 1000))
    return pb.GenerateTestsEvent(start=start)


def writers_of(providers: Sequence[str], title: str, path: str) -> tuple[str, ...]:
    """Returns those who can write tests of a language: the embedded engine writes Python only.

    Raises Problem UNIMPLEMENTED `LANGUAGE_NEEDS_MODEL` where that leaves nobody.
    """
    if title == PYTHON.title:
        return tuple(providers)
    able = tuple(name.removeprefix(FIRST) for name in providers if name != EMBEDDED)
    if not able:
        message = f"{path} is {title}; the embedded engine writes tests of Python only."
        remedy = (
            "Ask a model, with the provider openai, anthropic, ollama or another that `headwater providers` lists: "
            "--provider openai --model gpt-4o."
        )
        raise problem(Code.UNIMPLEMENTED, "LANGUAGE_NEEDS_MODEL", message, remedy, language=title, field="provider")
    return able


def _unknown(tree: SourceTree, asked: str) -> Problem:
    titles = ", ".join(entry.title for entry in LANGUAGES.values())
    what = f"not {asked}" if asked else "in none of the languages that tests are written in here"
    message = f"{tree.path} is {what}, as far as its name tells."
    return invalid("LANGUAGE_UNKNOWN", "source.path", message, f"Send a file in one of: {titles}.")


def _no_tests(job: Job) -> Problem:
    """Says that nothing could be written, and why: how the candidates failed, and what the provider warned of."""
    message = f"No test of {job.aim.module} could be written."
    candidates = [each for each in job.rejected if each.code]
    if candidates:
        first = candidates[0]
        message += f" Candidates were dropped ({len(candidates)}); the first, {first.name}: {_sentence(first.reason)}"
    else:
        last = dict.fromkeys((each.name, _sentence(each.reason)) for each in job.rejected[-LAST:])
        message += "".join(f" About {name}: {reason}" for name, reason in last)
    if job.warned:
        message += f" {_sentence(job.warned)}"
    remedy = "Aim at other symbols, give it a longer budget, or use another provider."
    return problem(Code.FAILED_PRECONDITION, "NO_TESTS", message, remedy, module=job.aim.module)


def _sentence(text: str) -> str:
    return f"{text.strip().rstrip('.')}."
