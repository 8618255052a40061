from headwater.v1 import analyze_coverage_pb2 as _analyze_coverage_pb2
from headwater.v1 import generate_project_pb2 as _generate_project_pb2
from headwater.v1 import generate_tests_pb2 as _generate_tests_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WatchRunRequest(_message.Message):
    __slots__ = ("run", "after")
    RUN_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    run: str
    after: int
    def __init__(self, run: _Optional[str] = ..., after: _Optional[int] = ...) -> None: ...

class WatchRunEvent(_message.Message):
    __slots__ = ("generate_tests", "analyze_coverage", "generate_project")
    GENERATE_TESTS_FIELD_NUMBER: _ClassVar[int]
    ANALYZE_COVERAGE_FIELD_NUMBER: _ClassVar[int]
    GENERATE_PROJECT_FIELD_NUMBER: _ClassVar[int]
    generate_tests: _generate_tests_pb2.GenerateTestsEvent
    analyze_coverage: _analyze_coverage_pb2.AnalyzeCoverageEvent
    generate_project: _generate_project_pb2.GenerateProjectEvent
    def __init__(self, generate_tests: _Optional[_Union[_generate_tests_pb2.GenerateTestsEvent, _Mapping]] = ..., analyze_coverage: _Optional[_Union[_analyze_coverage_pb2.AnalyzeCoverageEvent, _Mapping]] = ..., generate_project: _Optional[_Union[_generate_project_pb2.GenerateProjectEvent, _Mapping]] = ...) -> None: ...
