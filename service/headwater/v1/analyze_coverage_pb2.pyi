import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from headwater.v1 import generate_tests_pb2 as _generate_tests_pb2
from headwater.v1 import runs_pb2 as _runs_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CoverageFormula(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COVERAGE_FORMULA_UNSPECIFIED: _ClassVar[CoverageFormula]
    COVERAGE_FORMULA_LINES: _ClassVar[CoverageFormula]
    COVERAGE_FORMULA_COMBINED: _ClassVar[CoverageFormula]
    COVERAGE_FORMULA_CODECOV: _ClassVar[CoverageFormula]
    COVERAGE_FORMULA_SONAR: _ClassVar[CoverageFormula]

class SuggestMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUGGEST_MODE_UNSPECIFIED: _ClassVar[SuggestMode]
    SUGGEST_MODE_NONE: _ClassVar[SuggestMode]
    SUGGEST_MODE_OUTLINE: _ClassVar[SuggestMode]
    SUGGEST_MODE_VERIFIED: _ClassVar[SuggestMode]
COVERAGE_FORMULA_UNSPECIFIED: CoverageFormula
COVERAGE_FORMULA_LINES: CoverageFormula
COVERAGE_FORMULA_COMBINED: CoverageFormula
COVERAGE_FORMULA_CODECOV: CoverageFormula
COVERAGE_FORMULA_SONAR: CoverageFormula
SUGGEST_MODE_UNSPECIFIED: SuggestMode
SUGGEST_MODE_NONE: SuggestMode
SUGGEST_MODE_OUTLINE: SuggestMode
SUGGEST_MODE_VERIFIED: SuggestMode

class AnalyzeCoverageRequest(_message.Message):
    __slots__ = ("reports", "source", "include", "exclude", "target_coverage", "framework", "diff", "git_range", "max_gaps", "max_critical_paths", "files", "formula", "suggest", "provider", "suggest_budget", "seed", "weights", "run_options")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_FIELD_NUMBER: _ClassVar[int]
    EXCLUDE_FIELD_NUMBER: _ClassVar[int]
    TARGET_COVERAGE_FIELD_NUMBER: _ClassVar[int]
    FRAMEWORK_FIELD_NUMBER: _ClassVar[int]
    DIFF_FIELD_NUMBER: _ClassVar[int]
    GIT_RANGE_FIELD_NUMBER: _ClassVar[int]
    MAX_GAPS_FIELD_NUMBER: _ClassVar[int]
    MAX_CRITICAL_PATHS_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    FORMULA_FIELD_NUMBER: _ClassVar[int]
    SUGGEST_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    SUGGEST_BUDGET_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    RUN_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[CoverageReport]
    source: _generate_tests_pb2.Source
    include: _containers.RepeatedScalarFieldContainer[str]
    exclude: _containers.RepeatedScalarFieldContainer[str]
    target_coverage: float
    framework: str
    diff: str
    git_range: str
    max_gaps: int
    max_critical_paths: int
    files: bool
    formula: CoverageFormula
    suggest: SuggestMode
    provider: _containers.RepeatedScalarFieldContainer[str]
    suggest_budget: _duration_pb2.Duration
    seed: int
    weights: SeverityWeights
    run_options: _runs_pb2.RunOptions
    def __init__(self, reports: _Optional[_Iterable[_Union[CoverageReport, _Mapping]]] = ..., source: _Optional[_Union[_generate_tests_pb2.Source, _Mapping]] = ..., include: _Optional[_Iterable[str]] = ..., exclude: _Optional[_Iterable[str]] = ..., target_coverage: _Optional[float] = ..., framework: _Optional[str] = ..., diff: _Optional[str] = ..., git_range: _Optional[str] = ..., max_gaps: _Optional[int] = ..., max_critical_paths: _Optional[int] = ..., files: _Optional[bool] = ..., formula: _Optional[_Union[CoverageFormula, str]] = ..., suggest: _Optional[_Union[SuggestMode, str]] = ..., provider: _Optional[_Iterable[str]] = ..., suggest_budget: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., seed: _Optional[int] = ..., weights: _Optional[_Union[SeverityWeights, _Mapping]] = ..., run_options: _Optional[_Union[_runs_pb2.RunOptions, _Mapping]] = ...) -> None: ...

class CoverageReport(_message.Message):
    __slots__ = ("name", "content", "path", "format")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    name: str
    content: bytes
    path: str
    format: str
    def __init__(self, name: _Optional[str] = ..., content: _Optional[bytes] = ..., path: _Optional[str] = ..., format: _Optional[str] = ...) -> None: ...

class SeverityWeights(_message.Message):
    __slots__ = ("crap", "callers", "critical", "changed", "churn", "risk")
    CRAP_FIELD_NUMBER: _ClassVar[int]
    CALLERS_FIELD_NUMBER: _ClassVar[int]
    CRITICAL_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    CHURN_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    crap: float
    callers: float
    critical: float
    changed: float
    churn: float
    risk: float
    def __init__(self, crap: _Optional[float] = ..., callers: _Optional[float] = ..., critical: _Optional[float] = ..., changed: _Optional[float] = ..., churn: _Optional[float] = ..., risk: _Optional[float] = ...) -> None: ...

class AnalyzeCoverageEvent(_message.Message):
    __slots__ = ("sequence", "run", "time", "start", "queued", "progress", "file", "gap", "critical_path", "test", "reset", "warning", "complete", "error", "cancelled")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    GAP_FIELD_NUMBER: _ClassVar[int]
    CRITICAL_PATH_FIELD_NUMBER: _ClassVar[int]
    TEST_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    WARNING_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    run: str
    time: _timestamp_pb2.Timestamp
    start: AnalyzeCoverageStart
    queued: _runs_pb2.Queued
    progress: CoverageProgress
    file: CoverageFileFound
    gap: GapFound
    critical_path: CriticalPath
    test: SuggestedTestVerified
    reset: _runs_pb2.Reset
    warning: _runs_pb2.Warning
    complete: AnalyzeCoverageComplete
    error: _runs_pb2.Error
    cancelled: _runs_pb2.Cancelled
    def __init__(self, sequence: _Optional[int] = ..., run: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start: _Optional[_Union[AnalyzeCoverageStart, _Mapping]] = ..., queued: _Optional[_Union[_runs_pb2.Queued, _Mapping]] = ..., progress: _Optional[_Union[CoverageProgress, _Mapping]] = ..., file: _Optional[_Union[CoverageFileFound, _Mapping]] = ..., gap: _Optional[_Union[GapFound, _Mapping]] = ..., critical_path: _Optional[_Union[CriticalPath, _Mapping]] = ..., test: _Optional[_Union[SuggestedTestVerified, _Mapping]] = ..., reset: _Optional[_Union[_runs_pb2.Reset, _Mapping]] = ..., warning: _Optional[_Union[_runs_pb2.Warning, _Mapping]] = ..., complete: _Optional[_Union[AnalyzeCoverageComplete, _Mapping]] = ..., error: _Optional[_Union[_runs_pb2.Error, _Mapping]] = ..., cancelled: _Optional[_Union[_runs_pb2.Cancelled, _Mapping]] = ...) -> None: ...

class AnalyzeCoverageStart(_message.Message):
    __slots__ = ("reports", "formats", "size_kib", "source")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    FORMATS_FIELD_NUMBER: _ClassVar[int]
    SIZE_KIB_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedScalarFieldContainer[str]
    formats: _containers.RepeatedScalarFieldContainer[str]
    size_kib: int
    source: bool
    def __init__(self, reports: _Optional[_Iterable[str]] = ..., formats: _Optional[_Iterable[str]] = ..., size_kib: _Optional[int] = ..., source: _Optional[bool] = ...) -> None: ...

class CoverageProgress(_message.Message):
    __slots__ = ("percent", "message", "files_analyzed", "total_files", "stage")
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FILES_ANALYZED_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FILES_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    percent: float
    message: str
    files_analyzed: int
    total_files: int
    stage: str
    def __init__(self, percent: _Optional[float] = ..., message: _Optional[str] = ..., files_analyzed: _Optional[int] = ..., total_files: _Optional[int] = ..., stage: _Optional[str] = ...) -> None: ...

class CoverageFileFound(_message.Message):
    __slots__ = ("file",)
    FILE_FIELD_NUMBER: _ClassVar[int]
    file: CoverageFile
    def __init__(self, file: _Optional[_Union[CoverageFile, _Mapping]] = ...) -> None: ...

class CoverageFile(_message.Message):
    __slots__ = ("file_path", "reported_path", "line_coverage", "branch_coverage", "combined_coverage", "counts", "missing_lines", "covered_lines")
    class CountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: CoverageCount
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[CoverageCount, _Mapping]] = ...) -> None: ...
    FILE_PATH_FIELD_NUMBER: _ClassVar[int]
    REPORTED_PATH_FIELD_NUMBER: _ClassVar[int]
    LINE_COVERAGE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_COVERAGE_FIELD_NUMBER: _ClassVar[int]
    COMBINED_COVERAGE_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    MISSING_LINES_FIELD_NUMBER: _ClassVar[int]
    COVERED_LINES_FIELD_NUMBER: _ClassVar[int]
    file_path: str
    reported_path: str
    line_coverage: float
    branch_coverage: float
    combined_coverage: float
    counts: _containers.MessageMap[str, CoverageCount]
    missing_lines: _containers.RepeatedScalarFieldContainer[int]
    covered_lines: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, file_path: _Optional[str] = ..., reported_path: _Optional[str] = ..., line_coverage: _Optional[float] = ..., branch_coverage: _Optional[float] = ..., combined_coverage: _Optional[float] = ..., counts: _Optional[_Mapping[str, CoverageCount]] = ..., missing_lines: _Optional[_Iterable[int]] = ..., covered_lines: _Optional[_Iterable[int]] = ...) -> None: ...

class CoverageCount(_message.Message):
    __slots__ = ("covered", "total")
    COVERED_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    covered: int
    total: int
    def __init__(self, covered: _Optional[int] = ..., total: _Optional[int] = ...) -> None: ...

class GapFound(_message.Message):
    __slots__ = ("gap",)
    GAP_FIELD_NUMBER: _ClassVar[int]
    gap: CoverageGap
    def __init__(self, gap: _Optional[_Union[CoverageGap, _Mapping]] = ...) -> None: ...

class CoverageGap(_message.Message):
    __slots__ = ("file_path", "line_start", "line_end", "gap_type", "severity", "score", "terms", "symbol", "condition", "never", "missing_lines", "missing_branches", "suggested_tests", "changed", "id")
    FILE_PATH_FIELD_NUMBER: _ClassVar[int]
    LINE_START_FIELD_NUMBER: _ClassVar[int]
    LINE_END_FIELD_NUMBER: _ClassVar[int]
    GAP_TYPE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    NEVER_FIELD_NUMBER: _ClassVar[int]
    MISSING_LINES_FIELD_NUMBER: _ClassVar[int]
    MISSING_BRANCHES_FIELD_NUMBER: _ClassVar[int]
    SUGGESTED_TESTS_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    file_path: str
    line_start: int
    line_end: int
    gap_type: str
    severity: str
    score: float
    terms: _containers.RepeatedCompositeFieldContainer[SeverityTerm]
    symbol: str
    condition: str
    never: str
    missing_lines: int
    missing_branches: int
    suggested_tests: _containers.RepeatedCompositeFieldContainer[SuggestedTest]
    changed: bool
    id: str
    def __init__(self, file_path: _Optional[str] = ..., line_start: _Optional[int] = ..., line_end: _Optional[int] = ..., gap_type: _Optional[str] = ..., severity: _Optional[str] = ..., score: _Optional[float] = ..., terms: _Optional[_Iterable[_Union[SeverityTerm, _Mapping]]] = ..., symbol: _Optional[str] = ..., condition: _Optional[str] = ..., never: _Optional[str] = ..., missing_lines: _Optional[int] = ..., missing_branches: _Optional[int] = ..., suggested_tests: _Optional[_Iterable[_Union[SuggestedTest, _Mapping]]] = ..., changed: _Optional[bool] = ..., id: _Optional[str] = ...) -> None: ...

class SeverityTerm(_message.Message):
    __slots__ = ("name", "value", "weight", "detail")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: float
    weight: float
    detail: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ..., weight: _Optional[float] = ..., detail: _Optional[str] = ...) -> None: ...

class SuggestedTest(_message.Message):
    __slots__ = ("name", "call", "inputs", "reaches", "code", "verified")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    REACHES_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    name: str
    call: str
    inputs: _containers.RepeatedScalarFieldContainer[str]
    reaches: str
    code: str
    verified: bool
    def __init__(self, name: _Optional[str] = ..., call: _Optional[str] = ..., inputs: _Optional[_Iterable[str]] = ..., reaches: _Optional[str] = ..., code: _Optional[str] = ..., verified: _Optional[bool] = ...) -> None: ...

class CriticalPath(_message.Message):
    __slots__ = ("path", "impact", "why", "chain", "entry", "risk", "score", "line_coverage", "gaps")
    PATH_FIELD_NUMBER: _ClassVar[int]
    IMPACT_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    CHAIN_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    LINE_COVERAGE_FIELD_NUMBER: _ClassVar[int]
    GAPS_FIELD_NUMBER: _ClassVar[int]
    path: str
    impact: str
    why: str
    chain: _containers.RepeatedScalarFieldContainer[str]
    entry: str
    risk: str
    score: float
    line_coverage: float
    gaps: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, path: _Optional[str] = ..., impact: _Optional[str] = ..., why: _Optional[str] = ..., chain: _Optional[_Iterable[str]] = ..., entry: _Optional[str] = ..., risk: _Optional[str] = ..., score: _Optional[float] = ..., line_coverage: _Optional[float] = ..., gaps: _Optional[_Iterable[str]] = ...) -> None: ...

class SuggestedTestVerified(_message.Message):
    __slots__ = ("file_path", "gaps", "test_case", "count")
    FILE_PATH_FIELD_NUMBER: _ClassVar[int]
    GAPS_FIELD_NUMBER: _ClassVar[int]
    TEST_CASE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    file_path: str
    gaps: _containers.RepeatedScalarFieldContainer[str]
    test_case: _generate_tests_pb2.TestCase
    count: int
    def __init__(self, file_path: _Optional[str] = ..., gaps: _Optional[_Iterable[str]] = ..., test_case: _Optional[_Union[_generate_tests_pb2.TestCase, _Mapping]] = ..., count: _Optional[int] = ...) -> None: ...

class AnalyzeCoverageComplete(_message.Message):
    __slots__ = ("overall_coverage", "formula", "line_coverage", "branch_coverage", "function_coverage", "counts", "gaps", "total_gaps", "critical_paths", "patch", "target_coverage", "target_met", "analysis_time_ms", "formats", "total_files", "unmatched", "total_unmatched", "suggested_files", "coverage_after")
    class CountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: CoverageCount
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[CoverageCount, _Mapping]] = ...) -> None: ...
    OVERALL_COVERAGE_FIELD_NUMBER: _ClassVar[int]
    FORMULA_FIELD_NUMBER: _ClassVar[int]
    LINE_COVERAGE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_COVERAGE_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_COVERAGE_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    GAPS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_GAPS_FIELD_NUMBER: _ClassVar[int]
    CRITICAL_PATHS_FIELD_NUMBER: _ClassVar[int]
    PATCH_FIELD_NUMBER: _ClassVar[int]
    TARGET_COVERAGE_FIELD_NUMBER: _ClassVar[int]
    TARGET_MET_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    FORMATS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FILES_FIELD_NUMBER: _ClassVar[int]
    UNMATCHED_FIELD_NUMBER: _ClassVar[int]
    TOTAL_UNMATCHED_FIELD_NUMBER: _ClassVar[int]
    SUGGESTED_FILES_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_AFTER_FIELD_NUMBER: _ClassVar[int]
    overall_coverage: float
    formula: str
    line_coverage: float
    branch_coverage: float
    function_coverage: float
    counts: _containers.MessageMap[str, CoverageCount]
    gaps: _containers.RepeatedCompositeFieldContainer[CoverageGap]
    total_gaps: int
    critical_paths: _containers.RepeatedCompositeFieldContainer[CriticalPath]
    patch: PatchCoverage
    target_coverage: float
    target_met: bool
    analysis_time_ms: float
    formats: _containers.RepeatedScalarFieldContainer[str]
    total_files: int
    unmatched: _containers.RepeatedCompositeFieldContainer[UnmatchedFile]
    total_unmatched: int
    suggested_files: _containers.RepeatedCompositeFieldContainer[SuggestedFile]
    coverage_after: float
    def __init__(self, overall_coverage: _Optional[float] = ..., formula: _Optional[str] = ..., line_coverage: _Optional[float] = ..., branch_coverage: _Optional[float] = ..., function_coverage: _Optional[float] = ..., counts: _Optional[_Mapping[str, CoverageCount]] = ..., gaps: _Optional[_Iterable[_Union[CoverageGap, _Mapping]]] = ..., total_gaps: _Optional[int] = ..., critical_paths: _Optional[_Iterable[_Union[CriticalPath, _Mapping]]] = ..., patch: _Optional[_Union[PatchCoverage, _Mapping]] = ..., target_coverage: _Optional[float] = ..., target_met: _Optional[bool] = ..., analysis_time_ms: _Optional[float] = ..., formats: _Optional[_Iterable[str]] = ..., total_files: _Optional[int] = ..., unmatched: _Optional[_Iterable[_Union[UnmatchedFile, _Mapping]]] = ..., total_unmatched: _Optional[int] = ..., suggested_files: _Optional[_Iterable[_Union[SuggestedFile, _Mapping]]] = ..., coverage_after: _Optional[float] = ...) -> None: ...

class PatchCoverage(_message.Message):
    __slots__ = ("line_coverage", "lines", "branches", "files", "files_without_data")
    LINE_COVERAGE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    BRANCHES_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    FILES_WITHOUT_DATA_FIELD_NUMBER: _ClassVar[int]
    line_coverage: float
    lines: CoverageCount
    branches: CoverageCount
    files: _containers.RepeatedCompositeFieldContainer[PatchFile]
    files_without_data: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, line_coverage: _Optional[float] = ..., lines: _Optional[_Union[CoverageCount, _Mapping]] = ..., branches: _Optional[_Union[CoverageCount, _Mapping]] = ..., files: _Optional[_Iterable[_Union[PatchFile, _Mapping]]] = ..., files_without_data: _Optional[_Iterable[str]] = ...) -> None: ...

class PatchFile(_message.Message):
    __slots__ = ("file_path", "lines", "missing_lines")
    FILE_PATH_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    MISSING_LINES_FIELD_NUMBER: _ClassVar[int]
    file_path: str
    lines: CoverageCount
    missing_lines: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, file_path: _Optional[str] = ..., lines: _Optional[_Union[CoverageCount, _Mapping]] = ..., missing_lines: _Optional[_Iterable[int]] = ...) -> None: ...

class UnmatchedFile(_message.Message):
    __slots__ = ("reported_path", "reason", "candidates")
    REPORTED_PATH_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    reported_path: str
    reason: str
    candidates: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, reported_path: _Optional[str] = ..., reason: _Optional[str] = ..., candidates: _Optional[_Iterable[str]] = ...) -> None: ...

class SuggestedFile(_message.Message):
    __slots__ = ("file_path", "test_file_name", "content", "before", "after")
    FILE_PATH_FIELD_NUMBER: _ClassVar[int]
    TEST_FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    file_path: str
    test_file_name: str
    content: str
    before: _generate_tests_pb2.CoverageEstimate
    after: _generate_tests_pb2.CoverageEstimate
    def __init__(self, file_path: _Optional[str] = ..., test_file_name: _Optional[str] = ..., content: _Optional[str] = ..., before: _Optional[_Union[_generate_tests_pb2.CoverageEstimate, _Mapping]] = ..., after: _Optional[_Union[_generate_tests_pb2.CoverageEstimate, _Mapping]] = ...) -> None: ...
