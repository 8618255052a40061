"""Reads a project back from its run's journal: the files, phases and rungs that its events tell of."""

from __future__ import annotations

from dataclasses import dataclass, field

from headwater.errors import Code, Problem, problem
from headwater.rpc import Desk
from headwater.store import RunRow
from headwater.v1 import generate_project_pb2 as pb
from headwater.v1 import projects_pb2

METHOD = "GenerateProject"
REMEDY = "ListRuns shows your runs; the id of a project is that of its run."


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file that is whole: what was said when it began and when it ended, and its text."""

    start: pb.FileStart
    end: pb.FileEnd
    text: str


@dataclass(slots=True)
class Kept:
    """A project as its journal has it; `files` holds those that are whole, by path."""

    row: RunRow
    phases: projects_pb2.ProjectPhases = field(default_factory=projects_pb2.ProjectPhases)
    files: dict[str, KeptFile] = field(default_factory=dict[str, KeptFile])
    rungs: list[projects_pb2.ProofRung] = field(default_factory=list[projects_pb2.ProofRung])

    def manifest(self) -> list[projects_pb2.ManifestFile]:
        """Returns the files, by path."""
        return [_listed(each) for _, each in sorted(self.files.items())]


async def kept_project(project: str, owner: str, desk: Desk) -> Kept:
    """Reads a project. Raises Problem NOT_FOUND `PROJECT_NOT_FOUND` and `PROJECT_GONE`."""
    try:
        row = await desk.runs.find(project, owner)
    except Problem as missing:
        raise _not_found(project) from missing
    if row.method != METHOD:
        raise _not_found(project)
    kept = Kept(row=row)
    reader = _Reader(kept)
    for event in await desk.runs.events(project, owner):
        if isinstance(event, pb.GenerateProjectEvent):
            reader.read(event)
    if not reader.begun:
        message = f"The events of project {project} are no longer kept."
        raise problem(Code.NOT_FOUND, "PROJECT_GONE", message, "Generate it again: the same request gives the same.")
    return kept


class _Reader:
    """Takes in one event after the other."""

    def __init__(self, kept: Kept) -> None:
        self.begun = False
        self._kept = kept
        self._open: pb.FileStart | None = None
        self._text: list[str] = []

    def read(self, event: pb.GenerateProjectEvent) -> None:
        """Takes in an event."""
        kept = self._kept
        match event.WhichOneof("event"):
            case "start":
                self.begun = True
            case "file_start":
                self._open, self._text = event.file_start, []
            case "code_chunk":
                self._text.append(event.code_chunk.content)
            case "file_end" if self._open is not None:
                whole = KeptFile(start=self._open, end=event.file_end, text="".join(self._text))
                kept.files[self._open.path] = whole
            case "phase_complete":
                self._phase(event.phase_complete)
            case "proof_rung":
                kept.rungs.append(event.proof_rung)
            case "reset":
                self._withdraw(event.reset.scope)
            case _:
                pass

    def _phase(self, done: pb.PhaseComplete) -> None:
        if done.phase in self._kept.phases.DESCRIPTOR.fields_by_name:
            getattr(self._kept.phases, done.phase).CopyFrom(getattr(done.data, done.phase))

    def _withdraw(self, phase: str) -> None:
        files = self._kept.files
        for path in [path for path, each in files.items() if each.start.phase == phase]:
            del files[path]
        if phase == "proof":
            self._kept.rungs.clear()


def _listed(file: KeptFile) -> projects_pb2.ManifestFile:
    start, end = file.start, file.end
    return projects_pb2.ManifestFile(
        path=start.path, sha256=end.sha256, bytes=end.bytes, language=start.language, custom=start.custom
    )


def _not_found(project: str) -> Problem:
    return problem(Code.NOT_FOUND, "PROJECT_NOT_FOUND", f"There is no project {project[:100]!r}.", REMEDY)
