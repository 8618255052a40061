import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from headwater.v1 import runs_pb2 as _runs_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERDICT_UNSPECIFIED: _ClassVar[Verdict]
    VERDICT_GOOD: _ClassVar[Verdict]
    VERDICT_FAILED: _ClassVar[Verdict]
    VERDICT_FLAKY: _ClassVar[Verdict]
    VERDICT_USELESS: _ClassVar[Verdict]
    VERDICT_UNSAFE: _ClassVar[Verdict]
    VERDICT_TIMEOUT: _ClassVar[Verdict]
    VERDICT_UNVERIFIED: _ClassVar[Verdict]
    VERDICT_SUSPECTED_BUG: _ClassVar[Verdict]

class Basis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BASIS_UNSPECIFIED: _ClassVar[Basis]
    BASIS_CHARACTERIZATION: _ClassVar[Basis]
    BASIS_CONTRACT: _ClassVar[Basis]
VERDICT_UNSPECIFIED: Verdict
VERDICT_GOOD: Verdict
VERDICT_FAILED: Verdict
VERDICT_FLAKY: Verdict
VERDICT_USELESS: Verdict
VERDICT_UNSAFE: Verdict
VERDICT_TIMEOUT: Verdict
VERDICT_UNVERIFIED: Verdict
VERDICT_SUSPECTED_BUG: Verdict
BASIS_UNSPECIFIED: Basis
BASIS_CHARACTERIZATION: Basis
BASIS_CONTRACT: Basis

class GenerateTestsRequest(_message.Message):
    __slots__ = ("source", "target", "framework", "test_type", "target_count", "coverage_target", "language", "provider", "model", "seed", "limits", "run_options", "covered")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    FRAMEWORK_FIELD_NUMBER: _ClassVar[int]
    TEST_TYPE_FIELD_NUMBER: _ClassVar[int]
    TARGET_COUNT_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_TARGET_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    RUN_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    COVERED_FIELD_NUMBER: _ClassVar[int]
    source: Source
    target: Target
    framework: str
    test_type: str
    target_count: int
    coverage_target: float
    language: str
    provider: _containers.RepeatedScalarFieldContainer[str]
    model: str
    seed: int
    limits: GenerateTestsLimits
    run_options: _runs_pb2.RunOptions
    covered: Covered
    def __init__(self, source: _Optional[_Union[Source, _Mapping]] = ..., target: _Optional[_Union[Target, _Mapping]] = ..., framework: _Optional[str] = ..., test_type: _Optional[str] = ..., target_count: _Optional[int] = ..., coverage_target: _Optional[float] = ..., language: _Optional[str] = ..., provider: _Optional[_Iterable[str]] = ..., model: _Optional[str] = ..., seed: _Optional[int] = ..., limits: _Optional[_Union[GenerateTestsLimits, _Mapping]] = ..., run_options: _Optional[_Union[_runs_pb2.RunOptions, _Mapping]] = ..., covered: _Optional[_Union[Covered, _Mapping]] = ...) -> None: ...

class Covered(_message.Message):
    __slots__ = ("lines", "branches")
    LINES_FIELD_NUMBER: _ClassVar[int]
    BRANCHES_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedScalarFieldContainer[int]
    branches: _containers.RepeatedCompositeFieldContainer[Branch]
    def __init__(self, lines: _Optional[_Iterable[int]] = ..., branches: _Optional[_Iterable[_Union[Branch, _Mapping]]] = ...) -> None: ...

class Source(_message.Message):
    __slots__ = ("path", "content", "files", "archive", "root", "python")
    PATH_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    ARCHIVE_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    PYTHON_FIELD_NUMBER: _ClassVar[int]
    path: str
    content: str
    files: _containers.RepeatedCompositeFieldContainer[SourceFile]
    archive: bytes
    root: str
    python: str
    def __init__(self, path: _Optional[str] = ..., content: _Optional[str] = ..., files: _Optional[_Iterable[_Union[SourceFile, _Mapping]]] = ..., archive: _Optional[bytes] = ..., root: _Optional[str] = ..., python: _Optional[str] = ...) -> None: ...

class SourceFile(_message.Message):
    __slots__ = ("path", "content")
    PATH_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    path: str
    content: bytes
    def __init__(self, path: _Optional[str] = ..., content: _Optional[bytes] = ...) -> None: ...

class Target(_message.Message):
    __slots__ = ("symbols", "line_start", "line_end")
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    LINE_START_FIELD_NUMBER: _ClassVar[int]
    LINE_END_FIELD_NUMBER: _ClassVar[int]
    symbols: _containers.RepeatedScalarFieldContainer[str]
    line_start: int
    line_end: int
    def __init__(self, symbols: _Optional[_Iterable[str]] = ..., line_start: _Optional[int] = ..., line_end: _Optional[int] = ...) -> None: ...

class GenerateTestsLimits(_message.Message):
    __slots__ = ("budget", "test_timeout", "max_attempts", "executions")
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    TEST_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    MAX_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    EXECUTIONS_FIELD_NUMBER: _ClassVar[int]
    budget: _duration_pb2.Duration
    test_timeout: _duration_pb2.Duration
    max_attempts: int
    executions: int
    def __init__(self, budget: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., test_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., max_attempts: _Optional[int] = ..., executions: _Optional[int] = ...) -> None: ...

class GenerateTestsEvent(_message.Message):
    __slots__ = ("sequence", "run", "time", "start", "queued", "progress", "stage", "chunk", "draft", "reset", "test", "warning", "complete", "error", "cancelled")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    TEST_FIELD_NUMBER: _ClassVar[int]
    WARNING_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    run: str
    time: _timestamp_pb2.Timestamp
    start: GenerateTestsStart
    queued: _runs_pb2.Queued
    progress: _runs_pb2.Progress
    stage: Stage
    chunk: Chunk
    draft: Draft
    reset: _runs_pb2.Reset
    test: Test
    warning: _runs_pb2.Warning
    complete: GenerateTestsComplete
    error: _runs_pb2.Error
    cancelled: _runs_pb2.Cancelled
    def __init__(self, sequence: _Optional[int] = ..., run: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start: _Optional[_Union[GenerateTestsStart, _Mapping]] = ..., queued: _Optional[_Union[_runs_pb2.Queued, _Mapping]] = ..., progress: _Optional[_Union[_runs_pb2.Progress, _Mapping]] = ..., stage: _Optional[_Union[Stage, _Mapping]] = ..., chunk: _Optional[_Union[Chunk, _Mapping]] = ..., draft: _Optional[_Union[Draft, _Mapping]] = ..., reset: _Optional[_Union[_runs_pb2.Reset, _Mapping]] = ..., test: _Optional[_Union[Test, _Mapping]] = ..., warning: _Optional[_Union[_runs_pb2.Warning, _Mapping]] = ..., complete: _Optional[_Union[GenerateTestsComplete, _Mapping]] = ..., error: _Optional[_Union[_runs_pb2.Error, _Mapping]] = ..., cancelled: _Optional[_Union[_runs_pb2.Cancelled, _Mapping]] = ...) -> None: ...

class GenerateTestsStart(_message.Message):
    __slots__ = ("module", "path", "language", "framework", "provider", "model", "seed", "sandbox", "budget")
    MODULE_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    FRAMEWORK_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    SANDBOX_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    module: str
    path: str
    language: str
    framework: str
    provider: str
    model: str
    seed: int
    sandbox: str
    budget: _duration_pb2.Duration
    def __init__(self, module: _Optional[str] = ..., path: _Optional[str] = ..., language: _Optional[str] = ..., framework: _Optional[str] = ..., provider: _Optional[str] = ..., model: _Optional[str] = ..., seed: _Optional[int] = ..., sandbox: _Optional[str] = ..., budget: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Stage(_message.Message):
    __slots__ = ("stage", "percent", "message", "attempt")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    stage: str
    percent: float
    message: str
    attempt: int
    def __init__(self, stage: _Optional[str] = ..., percent: _Optional[float] = ..., message: _Optional[str] = ..., attempt: _Optional[int] = ...) -> None: ...

class Chunk(_message.Message):
    __slots__ = ("content", "offset")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    content: str
    offset: int
    def __init__(self, content: _Optional[str] = ..., offset: _Optional[int] = ...) -> None: ...

class Draft(_message.Message):
    __slots__ = ("content", "attempt")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    content: str
    attempt: int
    def __init__(self, content: _Optional[str] = ..., attempt: _Optional[int] = ...) -> None: ...

class Test(_message.Message):
    __slots__ = ("test_case", "count")
    TEST_CASE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    test_case: TestCase
    count: int
    def __init__(self, test_case: _Optional[_Union[TestCase, _Mapping]] = ..., count: _Optional[int] = ...) -> None: ...

class TestCase(_message.Message):
    __slots__ = ("test_name", "test_code", "framework", "assertions", "edge_cases", "gain", "verdict", "basis", "basis_detail", "symbol", "duration_ms")
    TEST_NAME_FIELD_NUMBER: _ClassVar[int]
    TEST_CODE_FIELD_NUMBER: _ClassVar[int]
    FRAMEWORK_FIELD_NUMBER: _ClassVar[int]
    ASSERTIONS_FIELD_NUMBER: _ClassVar[int]
    EDGE_CASES_FIELD_NUMBER: _ClassVar[int]
    GAIN_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    BASIS_DETAIL_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    test_name: str
    test_code: str
    framework: str
    assertions: _containers.RepeatedScalarFieldContainer[str]
    edge_cases: _containers.RepeatedScalarFieldContainer[str]
    gain: Gain
    verdict: Verdict
    basis: Basis
    basis_detail: str
    symbol: str
    duration_ms: float
    def __init__(self, test_name: _Optional[str] = ..., test_code: _Optional[str] = ..., framework: _Optional[str] = ..., assertions: _Optional[_Iterable[str]] = ..., edge_cases: _Optional[_Iterable[str]] = ..., gain: _Optional[_Union[Gain, _Mapping]] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., basis: _Optional[_Union[Basis, str]] = ..., basis_detail: _Optional[str] = ..., symbol: _Optional[str] = ..., duration_ms: _Optional[float] = ...) -> None: ...

class Gain(_message.Message):
    __slots__ = ("lines", "branches")
    LINES_FIELD_NUMBER: _ClassVar[int]
    BRANCHES_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedScalarFieldContainer[int]
    branches: _containers.RepeatedCompositeFieldContainer[Branch]
    def __init__(self, lines: _Optional[_Iterable[int]] = ..., branches: _Optional[_Iterable[_Union[Branch, _Mapping]]] = ...) -> None: ...

class Branch(_message.Message):
    __slots__ = ("from_line", "to_line")
    FROM_LINE_FIELD_NUMBER: _ClassVar[int]
    TO_LINE_FIELD_NUMBER: _ClassVar[int]
    from_line: int
    to_line: int
    def __init__(self, from_line: _Optional[int] = ..., to_line: _Optional[int] = ...) -> None: ...

class CoverageEstimate(_message.Message):
    __slots__ = ("line", "branch", "combined", "formula", "lines_covered", "lines_total", "branches_covered", "branches_total", "missing_lines", "missing_branches")
    LINE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    COMBINED_FIELD_NUMBER: _ClassVar[int]
    FORMULA_FIELD_NUMBER: _ClassVar[int]
    LINES_COVERED_FIELD_NUMBER: _ClassVar[int]
    LINES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    BRANCHES_COVERED_FIELD_NUMBER: _ClassVar[int]
    BRANCHES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    MISSING_LINES_FIELD_NUMBER: _ClassVar[int]
    MISSING_BRANCHES_FIELD_NUMBER: _ClassVar[int]
    line: float
    branch: float
    combined: float
    formula: str
    lines_covered: int
    lines_total: int
    branches_covered: int
    branches_total: int
    missing_lines: _containers.RepeatedScalarFieldContainer[int]
    missing_branches: _containers.RepeatedCompositeFieldContainer[Branch]
    def __init__(self, line: _Optional[float] = ..., branch: _Optional[float] = ..., combined: _Optional[float] = ..., formula: _Optional[str] = ..., lines_covered: _Optional[int] = ..., lines_total: _Optional[int] = ..., branches_covered: _Optional[int] = ..., branches_total: _Optional[int] = ..., missing_lines: _Optional[_Iterable[int]] = ..., missing_branches: _Optional[_Iterable[_Union[Branch, _Mapping]]] = ...) -> None: ...

class Dropped(_message.Message):
    __slots__ = ("test_name", "verdict", "reason", "test_code")
    TEST_NAME_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TEST_CODE_FIELD_NUMBER: _ClassVar[int]
    test_name: str
    verdict: Verdict
    reason: str
    test_code: str
    def __init__(self, test_name: _Optional[str] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., reason: _Optional[str] = ..., test_code: _Optional[str] = ...) -> None: ...

class GenerateTestsComplete(_message.Message):
    __slots__ = ("success", "tests", "total", "coverage_estimate", "language", "lines", "test_file_name", "output", "dropped", "metadata")
    SUCCESS_FIELD_NUMBER: _ClassVar[int]
    TESTS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_ESTIMATE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    TEST_FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    success: bool
    tests: _containers.RepeatedCompositeFieldContainer[TestCase]
    total: int
    coverage_estimate: CoverageEstimate
    language: str
    lines: int
    test_file_name: str
    output: str
    dropped: _containers.RepeatedCompositeFieldContainer[Dropped]
    metadata: GenerateTestsMetadata
    def __init__(self, success: _Optional[bool] = ..., tests: _Optional[_Iterable[_Union[TestCase, _Mapping]]] = ..., total: _Optional[int] = ..., coverage_estimate: _Optional[_Union[CoverageEstimate, _Mapping]] = ..., language: _Optional[str] = ..., lines: _Optional[int] = ..., test_file_name: _Optional[str] = ..., output: _Optional[str] = ..., dropped: _Optional[_Iterable[_Union[Dropped, _Mapping]]] = ..., metadata: _Optional[_Union[GenerateTestsMetadata, _Mapping]] = ...) -> None: ...

class GenerateTestsMetadata(_message.Message):
    __slots__ = ("provider", "model", "attempts", "seed", "executions", "candidates", "stopped_by", "stage_seconds", "sandbox_seconds", "first_test_seconds", "source_sha256", "answered_by", "prompt_sha256", "usage", "cost_usd")
    class StageSecondsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    EXECUTIONS_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    STOPPED_BY_FIELD_NUMBER: _ClassVar[int]
    STAGE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    SANDBOX_SECONDS_FIELD_NUMBER: _ClassVar[int]
    FIRST_TEST_SECONDS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_SHA256_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_BY_FIELD_NUMBER: _ClassVar[int]
    PROMPT_SHA256_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    COST_USD_FIELD_NUMBER: _ClassVar[int]
    provider: str
    model: str
    attempts: int
    seed: int
    executions: int
    candidates: int
    stopped_by: str
    stage_seconds: _containers.ScalarMap[str, float]
    sandbox_seconds: float
    first_test_seconds: float
    source_sha256: str
    answered_by: str
    prompt_sha256: str
    usage: TokenUsage
    cost_usd: float
    def __init__(self, provider: _Optional[str] = ..., model: _Optional[str] = ..., attempts: _Optional[int] = ..., seed: _Optional[int] = ..., executions: _Optional[int] = ..., candidates: _Optional[int] = ..., stopped_by: _Optional[str] = ..., stage_seconds: _Optional[_Mapping[str, float]] = ..., sandbox_seconds: _Optional[float] = ..., first_test_seconds: _Optional[float] = ..., source_sha256: _Optional[str] = ..., answered_by: _Optional[str] = ..., prompt_sha256: _Optional[str] = ..., usage: _Optional[_Union[TokenUsage, _Mapping]] = ..., cost_usd: _Optional[float] = ...) -> None: ...

class TokenUsage(_message.Message):
    __slots__ = ("input", "cached", "output", "reasoning", "estimated")
    INPUT_FIELD_NUMBER: _ClassVar[int]
    CACHED_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    REASONING_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_FIELD_NUMBER: _ClassVar[int]
    input: int
    cached: int
    output: int
    reasoning: int
    estimated: bool
    def __init__(self, input: _Optional[int] = ..., cached: _Optional[int] = ..., output: _Optional[int] = ..., reasoning: _Optional[int] = ..., estimated: _Optional[bool] = ...) -> None: ...
