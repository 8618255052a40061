"""Translates the steps of a project into events, and journaled events back into what a resumed one needs."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from google.protobuf import json_format
from google.protobuf.message import Message

from headwater import projects
from headwater.projects import Hooked, Past, Phase, Step, data
from headwater.proof import Rung, Status
from headwater.rpc import Emit, Tools
from headwater.rpc.fields import plain
from headwater.rpc.project_costs import Costs
from headwater.synthesis.project import spec_json
from headwater.synthesis.project.files import Hook
from headwater.v1 import generate_project_pb2 as pb
from headwater.v1 import projects_pb2, runs_pb2

CHUNK = 4_096
"""Characters of a piece of a file."""


class Translator:
    """Emits the events of each step. Percent never falls, though a phase is done again after a crash."""

    def __init__(self, emit: Emit, tools: Tools, project: str) -> None:
        """Emits through `emit`; `project` is the project's id."""
        self._emit = emit
        self._stage_seconds = tools.stage_seconds
        self._project = project
        self._percent = max((_percent(each) for each in emit.past), default=0.0)
        self._phases = projects_pb2.ProjectPhases()
        self._began = time.monotonic()
        self._phase = ""
        self._costs = Costs(tools.cost)
        for each in _events(emit.past):
            if each.WhichOneof("event") == "model_usage":
                self._costs.keep(each.model_usage)
            if each.WhichOneof("event") == "phase_complete":
                self._keep(each.phase_complete)

    async def tell(self, step: Step) -> None:
        """Emits the step's events."""
        for event in self._told(step):
            await self._emit(event)

    def _told(self, step: Step) -> Iterator[pb.GenerateProjectEvent]:
        match step:
            case projects.Began() | projects.Moved() | projects.Done():
                yield self._of_phase(step)
            case projects.Written():
                yield from _file(step)
            case projects.Removed():
                yield pb.GenerateProjectEvent(file_removed=pb.FileRemoved(path=step.path, sha256=step.sha256))
            case projects.Tried():
                yield pb.GenerateProjectEvent(proof_rung=rung_message(step.rung, whole=True))
            case projects.Hooked():
                decided = json_format.ParseDict(plain(data.hook(step)), projects_pb2.ProjectHook())
                yield pb.GenerateProjectEvent(hook=decided)
            case projects.Spent():
                yield pb.GenerateProjectEvent(model_usage=self._costs.spent(self._phase, step.model, step.usage))
            case projects.Redone():
                message = f"The phase {step.phase} begins again: the process that carried it died."
                reset = runs_pb2.Reset(scope=step.phase, attempt=step.attempt, message=message)
                yield pb.GenerateProjectEvent(reset=reset)
            case projects.Noted():
                warning = runs_pb2.Warning(reason=step.reason, message=step.message, remedy=step.remedy)
                yield pb.GenerateProjectEvent(warning=warning)
            case projects.Finished():
                yield from self._finished(step)
            case _:
                assert_never(step)

    def _of_phase(self, step: projects.Began | projects.Moved | projects.Done) -> pb.GenerateProjectEvent:
        match step:
            case projects.Began():
                self._began, self._phase = time.monotonic(), step.phase
                start = pb.PhaseStart(phase=step.phase, progress=self._rising(step.percent), message=step.message)
                return pb.GenerateProjectEvent(phase_start=start)
            case projects.Moved():
                moved = pb.PhaseProgress(
                    phase=step.phase, progress=self._rising(step.percent), message=step.message, step=step.step
                )
                return pb.GenerateProjectEvent(phase_progress=moved)
            case projects.Done():
                return pb.GenerateProjectEvent(phase_complete=self._done(step))

    def _rising(self, percent: float) -> float:
        self._percent = max(self._percent, percent)
        return self._percent

    def _done(self, step: projects.Done) -> pb.PhaseComplete:
        self._stage_seconds("GenerateProject", step.phase, time.monotonic() - self._began)
        done = pb.PhaseComplete(phase=step.phase, progress=self._rising(step.percent), message=step.message)
        json_format.ParseDict(plain({str(step.phase): step.data}), done.data)
        self._keep(done)
        return done

    def _keep(self, done: pb.PhaseComplete) -> None:
        if done.phase != Phase.PROOF:
            getattr(self._phases, done.phase).CopyFrom(getattr(done.data, done.phase))

    def _finished(self, step: projects.Finished) -> Iterator[pb.GenerateProjectEvent]:
        result = projects_pb2.ProjectResult(
            success=step.success,
            project_id=self._project,
            phases=self._phases,
            manifest=[_listed(each) for each in step.files],
            proof=[rung_message(each) for each in step.rungs],
            reproducibility_key=step.key,
        )
        self._costs.total(result)
        yield pb.GenerateProjectEvent(result=result)
        complete = pb.GenerateProjectComplete(phase="complete", progress=100.0, message=step.message, result=result)
        yield pb.GenerateProjectEvent(complete=complete)


def past_of(events: Sequence[Message], attempt: int) -> Past:
    """Says what the events of earlier attempts have done."""
    done: set[Phase] = set()
    begun: Phase | None = None
    spec: projects_pb2.ProjectSpec | None = None
    rungs: list[Rung] = []
    hooks: dict[str, Hooked] = {}
    for event in _events(events):
        kind = event.WhichOneof("event")
        if kind == "phase_start":
            begun = Phase(event.phase_start.phase)
        elif kind == "phase_complete":
            done.add(Phase(event.phase_complete.phase))
            if event.phase_complete.phase == Phase.ANALYSIS:
                spec = event.phase_complete.data.analysis.spec
        elif kind == "hook":
            hooks[event.hook.name] = _hooked(event.hook)
        elif kind == "proof_rung":
            rungs.append(_rung(event.proof_rung))
    return Past(
        done=frozenset(done),
        begun=begun,
        spec=None if spec is None else spec_json.from_value(spec_value(spec)),
        rungs=tuple(rungs),
        hooks=tuple(hooks.values()),
        attempt=attempt,
    )


def spec_value(spec: projects_pb2.ProjectSpec) -> Any:
    """Returns a spec on the wire as `spec_json` reads it."""
    value = json_format.MessageToDict(
        spec,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,  # an empty text is a text, and some are needed
    )
    for entity in value.get("entities", ()):
        entity["together"] = [each["names"] for each in entity.get("together", ())]
        for field in entity["fields"]:
            default = field.get("default")
            if isinstance(default, float) and default.is_integer():
                field["default"] = int(default)  # all numbers of JSON are alike
    return value


def rung_message(rung: Rung, *, whole: bool = False) -> projects_pb2.ProofRung:
    """Puts a rung on the wire, with what it made if it is told whole."""
    return projects_pb2.ProofRung(
        name=rung.name,
        status=rung.status,
        command=rung.command,
        exit_code=rung.exit_code,
        seconds=round(rung.seconds, 3),
        reason=rung.reason,
        evidence=rung.evidence,
        evidence_sha256=rung.sha256,
        artefacts=[_artefact(name, content, whole=whole) for name, content in rung.artefacts],
    )


def _artefact(name: str, content: bytes, *, whole: bool) -> projects_pb2.ProofArtefact:
    digest = hashlib.sha256(content).hexdigest()
    return projects_pb2.ProofArtefact(name=name, sha256=digest, bytes=len(content), content=content if whole else b"")


def _rung(message: projects_pb2.ProofRung) -> Rung:
    return Rung(
        name=message.name,
        status=Status(message.status),
        command=message.command,
        exit_code=message.exit_code if message.HasField("exit_code") else None,
        seconds=message.seconds,
        reason=message.reason,
        evidence=message.evidence,
        sha256=message.evidence_sha256,
        artefacts=tuple((each.name, each.content) for each in message.artefacts),
    )


def _hooked(message: projects_pb2.ProjectHook) -> Hooked:
    return Hooked(
        hook=Hook(name=message.name, rule=message.rule, code=message.code, tests=message.tests),
        reason=message.reason,
        message=message.message,
        attempts=message.attempts,
    )


def _file(step: projects.Written) -> Iterator[pb.GenerateProjectEvent]:
    file = step.file
    start = pb.FileStart(path=file.path, language=file.language, phase=step.phase, custom=file.custom)
    yield pb.GenerateProjectEvent(file_start=start)
    for offset in range(0, len(file.text), CHUNK):
        piece = file.text[offset : offset + CHUNK]
        yield pb.GenerateProjectEvent(code_chunk=pb.CodeChunk(path=file.path, offset=offset, content=piece))
    end = pb.FileEnd(path=file.path, sha256=step.sha256, bytes=step.size, change=step.change, diff=step.diff)
    yield pb.GenerateProjectEvent(file_end=end)


def _listed(step: projects.Written) -> projects_pb2.ManifestFile:
    file = step.file
    return projects_pb2.ManifestFile(
        path=file.path, sha256=step.sha256, bytes=step.size, language=file.language, custom=file.custom
    )


def _percent(event: Message) -> float:
    (known,) = _events([event])
    return max(known.phase_start.progress, known.phase_progress.progress, known.phase_complete.progress)


def _events(past: Sequence[Message]) -> Iterator[pb.GenerateProjectEvent]:
    return (each for each in past if isinstance(each, pb.GenerateProjectEvent))
