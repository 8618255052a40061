"""Turns a Problem into google.rpc.Status, the form in which every face and the journal carry it (AIP-193)."""

from __future__ import annotations

from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from headwater.errors import Code, Problem

DOMAIN = "headwater.dev"
"""The `domain` of every ErrorInfo: who defines the reasons."""


def status_of(problem: Problem) -> status_pb2.Status:
    """Makes the status: ErrorInfo always; BadRequest, RetryInfo, QuotaFailure and Help-like remedy where they apply."""
    status = status_pb2.Status(code=int(problem.code), message=_bounded(str(problem)))
    for detail in _details(problem):
        packed = Any()
        packed.Pack(detail)
        status.details.append(packed)
    return status


LONGEST = 1500
"""Characters of one text of a status: gRPC carries all of it in trailers, which may have 8 KiB."""


def _bounded(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _details(problem: Problem) -> list[Message]:
    metadata = {name: _bounded(value) for name, value in problem.metadata.items()}
    if problem.remedy:
        metadata["remedy"] = problem.remedy
    details: list[Message] = [error_details_pb2.ErrorInfo(reason=problem.reason, domain=DOMAIN, metadata=metadata)]
    if problem.violations:
        violations = [
            error_details_pb2.BadRequest.FieldViolation(field=each.field, description=_bounded(each.description))
            for each in problem.violations
        ]
        details.append(error_details_pb2.BadRequest(field_violations=violations))
    if problem.retry_after_seconds is not None:
        delay = Duration()
        delay.FromMilliseconds(round(problem.retry_after_seconds * 1000))
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    if problem.code is Code.RESOURCE_EXHAUSTED:
        violation = error_details_pb2.QuotaFailure.Violation(subject=problem.reason, description=problem.message)
        details.append(error_details_pb2.QuotaFailure(violations=[violation]))
    return details
