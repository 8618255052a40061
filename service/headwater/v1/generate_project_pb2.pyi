import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from headwater.v1 import generate_tests_pb2 as _generate_tests_pb2
from headwater.v1 import projects_pb2 as _projects_pb2
from headwater.v1 import runs_pb2 as _runs_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProofLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROOF_LEVEL_UNSPECIFIED: _ClassVar[ProofLevel]
    PROOF_LEVEL_NONE: _ClassVar[ProofLevel]
    PROOF_LEVEL_FAST: _ClassVar[ProofLevel]
    PROOF_LEVEL_FULL: _ClassVar[ProofLevel]
PROOF_LEVEL_UNSPECIFIED: ProofLevel
PROOF_LEVEL_NONE: ProofLevel
PROOF_LEVEL_FAST: ProofLevel
PROOF_LEVEL_FULL: ProofLevel

class GenerateProjectRequest(_message.Message):
    __slots__ = ("project_name", "description", "requirements", "stack", "provider", "model", "seed", "proof", "license", "previous", "run_options")
    PROJECT_NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    REQUIREMENTS_FIELD_NUMBER: _ClassVar[int]
    STACK_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    LICENSE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    RUN_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    project_name: str
    description: str
    requirements: str
    stack: ProjectStack
    provider: _containers.RepeatedScalarFieldContainer[str]
    model: str
    seed: int
    proof: ProofLevel
    license: str
    previous: str
    run_options: _runs_pb2.RunOptions
    def __init__(self, project_name: _Optional[str] = ..., description: _Optional[str] = ..., requirements: _Optional[str] = ..., stack: _Optional[_Union[ProjectStack, _Mapping]] = ..., provider: _Optional[_Iterable[str]] = ..., model: _Optional[str] = ..., seed: _Optional[int] = ..., proof: _Optional[_Union[ProofLevel, str]] = ..., license: _Optional[str] = ..., previous: _Optional[str] = ..., run_options: _Optional[_Union[_runs_pb2.RunOptions, _Mapping]] = ...) -> None: ...

class ProjectStack(_message.Message):
    __slots__ = ("backend", "frontend", "database", "auth", "deployment")
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    FRONTEND_FIELD_NUMBER: _ClassVar[int]
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    AUTH_FIELD_NUMBER: _ClassVar[int]
    DEPLOYMENT_FIELD_NUMBER: _ClassVar[int]
    backend: str
    frontend: str
    database: str
    auth: str
    deployment: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, backend: _Optional[str] = ..., frontend: _Optional[str] = ..., database: _Optional[str] = ..., auth: _Optional[str] = ..., deployment: _Optional[_Iterable[str]] = ...) -> None: ...

class GenerateProjectEvent(_message.Message):
    __slots__ = ("sequence", "run", "time", "start", "queued", "phase_start", "phase_progress", "phase_complete", "file_start", "code_chunk", "file_end", "file_removed", "proof_rung", "reset", "warning", "result", "complete", "error", "cancelled", "hook", "model_usage")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    PHASE_START_FIELD_NUMBER: _ClassVar[int]
    PHASE_PROGRESS_FIELD_NUMBER: _ClassVar[int]
    PHASE_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    FILE_START_FIELD_NUMBER: _ClassVar[int]
    CODE_CHUNK_FIELD_NUMBER: _ClassVar[int]
    FILE_END_FIELD_NUMBER: _ClassVar[int]
    FILE_REMOVED_FIELD_NUMBER: _ClassVar[int]
    PROOF_RUNG_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    WARNING_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    HOOK_FIELD_NUMBER: _ClassVar[int]
    MODEL_USAGE_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    run: str
    time: _timestamp_pb2.Timestamp
    start: GenerateProjectStart
    queued: _runs_pb2.Queued
    phase_start: PhaseStart
    phase_progress: PhaseProgress
    phase_complete: PhaseComplete
    file_start: FileStart
    code_chunk: CodeChunk
    file_end: FileEnd
    file_removed: FileRemoved
    proof_rung: _projects_pb2.ProofRung
    reset: _runs_pb2.Reset
    warning: _runs_pb2.Warning
    result: _projects_pb2.ProjectResult
    complete: GenerateProjectComplete
    error: _runs_pb2.Error
    cancelled: _runs_pb2.Cancelled
    hook: _projects_pb2.ProjectHook
    model_usage: ModelUsage
    def __init__(self, sequence: _Optional[int] = ..., run: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start: _Optional[_Union[GenerateProjectStart, _Mapping]] = ..., queued: _Optional[_Union[_runs_pb2.Queued, _Mapping]] = ..., phase_start: _Optional[_Union[PhaseStart, _Mapping]] = ..., phase_progress: _Optional[_Union[PhaseProgress, _Mapping]] = ..., phase_complete: _Optional[_Union[PhaseComplete, _Mapping]] = ..., file_start: _Optional[_Union[FileStart, _Mapping]] = ..., code_chunk: _Optional[_Union[CodeChunk, _Mapping]] = ..., file_end: _Optional[_Union[FileEnd, _Mapping]] = ..., file_removed: _Optional[_Union[FileRemoved, _Mapping]] = ..., proof_rung: _Optional[_Union[_projects_pb2.ProofRung, _Mapping]] = ..., reset: _Optional[_Union[_runs_pb2.Reset, _Mapping]] = ..., warning: _Optional[_Union[_runs_pb2.Warning, _Mapping]] = ..., result: _Optional[_Union[_projects_pb2.ProjectResult, _Mapping]] = ..., complete: _Optional[_Union[GenerateProjectComplete, _Mapping]] = ..., error: _Optional[_Union[_runs_pb2.Error, _Mapping]] = ..., cancelled: _Optional[_Union[_runs_pb2.Cancelled, _Mapping]] = ..., hook: _Optional[_Union[_projects_pb2.ProjectHook, _Mapping]] = ..., model_usage: _Optional[_Union[ModelUsage, _Mapping]] = ...) -> None: ...

class GenerateProjectStart(_message.Message):
    __slots__ = ("project_id", "provider", "model", "seed", "proof", "requirement_characters")
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    REQUIREMENT_CHARACTERS_FIELD_NUMBER: _ClassVar[int]
    project_id: str
    provider: str
    model: str
    seed: int
    proof: str
    requirement_characters: int
    def __init__(self, project_id: _Optional[str] = ..., provider: _Optional[str] = ..., model: _Optional[str] = ..., seed: _Optional[int] = ..., proof: _Optional[str] = ..., requirement_characters: _Optional[int] = ...) -> None: ...

class PhaseStart(_message.Message):
    __slots__ = ("phase", "progress", "message")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    phase: str
    progress: float
    message: str
    def __init__(self, phase: _Optional[str] = ..., progress: _Optional[float] = ..., message: _Optional[str] = ...) -> None: ...

class PhaseProgress(_message.Message):
    __slots__ = ("phase", "progress", "message", "step")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    phase: str
    progress: float
    message: str
    step: str
    def __init__(self, phase: _Optional[str] = ..., progress: _Optional[float] = ..., message: _Optional[str] = ..., step: _Optional[str] = ...) -> None: ...

class PhaseComplete(_message.Message):
    __slots__ = ("phase", "progress", "message", "data")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    phase: str
    progress: float
    message: str
    data: _projects_pb2.PhaseData
    def __init__(self, phase: _Optional[str] = ..., progress: _Optional[float] = ..., message: _Optional[str] = ..., data: _Optional[_Union[_projects_pb2.PhaseData, _Mapping]] = ...) -> None: ...

class FileStart(_message.Message):
    __slots__ = ("path", "language", "phase", "custom")
    PATH_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_FIELD_NUMBER: _ClassVar[int]
    path: str
    language: str
    phase: str
    custom: bool
    def __init__(self, path: _Optional[str] = ..., language: _Optional[str] = ..., phase: _Optional[str] = ..., custom: _Optional[bool] = ...) -> None: ...

class CodeChunk(_message.Message):
    __slots__ = ("path", "offset", "content")
    PATH_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    path: str
    offset: int
    content: str
    def __init__(self, path: _Optional[str] = ..., offset: _Optional[int] = ..., content: _Optional[str] = ...) -> None: ...

class FileEnd(_message.Message):
    __slots__ = ("path", "sha256", "bytes", "change", "diff")
    PATH_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    DIFF_FIELD_NUMBER: _ClassVar[int]
    path: str
    sha256: str
    bytes: int
    change: str
    diff: str
    def __init__(self, path: _Optional[str] = ..., sha256: _Optional[str] = ..., bytes: _Optional[int] = ..., change: _Optional[str] = ..., diff: _Optional[str] = ...) -> None: ...

class FileRemoved(_message.Message):
    __slots__ = ("path", "sha256")
    PATH_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    path: str
    sha256: str
    def __init__(self, path: _Optional[str] = ..., sha256: _Optional[str] = ...) -> None: ...

class ModelUsage(_message.Message):
    __slots__ = ("phase", "model", "usage", "cost_usd")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    COST_USD_FIELD_NUMBER: _ClassVar[int]
    phase: str
    model: str
    usage: _generate_tests_pb2.TokenUsage
    cost_usd: float
    def __init__(self, phase: _Optional[str] = ..., model: _Optional[str] = ..., usage: _Optional[_Union[_generate_tests_pb2.TokenUsage, _Mapping]] = ..., cost_usd: _Optional[float] = ...) -> None: ...

class GenerateProjectComplete(_message.Message):
    __slots__ = ("phase", "progress", "message", "result")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    phase: str
    progress: float
    message: str
    result: _projects_pb2.ProjectResult
    def __init__(self, phase: _Optional[str] = ..., progress: _Optional[float] = ..., message: _Optional[str] = ..., result: _Optional[_Union[_projects_pb2.ProjectResult, _Mapping]] = ...) -> None: ...
