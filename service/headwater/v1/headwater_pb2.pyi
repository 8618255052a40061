from google.api import annotations_pb2 as _annotations_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from headwater.v1 import analyze_coverage_pb2 as _analyze_coverage_pb2
from headwater.v1 import generate_project_pb2 as _generate_project_pb2
from headwater.v1 import generate_tests_pb2 as _generate_tests_pb2
from headwater.v1 import list_providers_pb2 as _list_providers_pb2
from headwater.v1 import projects_pb2 as _projects_pb2
from headwater.v1 import runs_pb2 as _runs_pb2
from headwater.v1 import watch_run_pb2 as _watch_run_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
