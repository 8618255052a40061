"""Tells an analysis as SARIF 2.1.0, which code scanning and editors read.

Spec: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from headwater import __version__
from headwater.render.analysis import Analysis
from headwater.render.words import TYPES, headline, missed, plain, suggestion
from headwater.v1 import analyze_coverage_pb2 as pb

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

LEVELS: Mapping[str, str] = MappingProxyType({"critical": "error", "high": "error", "medium": "warning", "low": "note"})

HELP: Mapping[str, str] = MappingProxyType(
    {
        "uncovered_function": "No test calls this function. Write one that does, and check what it returns.",
        "uncovered_block": "No test runs these lines. Write one that makes the condition before them hold.",
        "partial_branch": "The condition was only ever decided one way. Write a test in which it is decided the other.",
        "exception_handler": "No test makes this error happen. Write one in which it does.",
        "never_imported": "No test imports this file. Import it in one, or leave it out of what is measured.",
    }
)


def render(analysis: Analysis) -> str:
    """Writes one run with a rule for each type of gap and a result for each gap."""
    gaps = analysis.complete.gaps
    types = [*TYPES, *sorted({gap.gap_type for gap in gaps} - TYPES.keys())]
    chains = _chains(analysis.complete.critical_paths)
    run = {
        "tool": {
            "driver": {"name": "headwater", "semanticVersion": __version__, "rules": [_rule(each) for each in types]}
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(gap, types, chains.get(gap.id, ()), analysis.prefix) for gap in gaps],
        "properties": {"coverage": analysis.complete.overall_coverage, "gaps": analysis.complete.total_gaps},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(kind: str) -> dict[str, Any]:
    title = TYPES.get(kind, kind)
    return {
        "id": kind,
        "name": "".join(part.capitalize() for part in kind.split("_")),
        "shortDescription": {"text": title},
        "fullDescription": {"text": HELP.get(kind, title)},
        "help": {"text": HELP.get(kind, title)},
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["coverage", "tests"]},
    }


def _result(gap: pb.CoverageGap, types: Sequence[str], chain: Sequence[str], prefix: str) -> dict[str, Any]:
    told = [f"{headline(gap)}: {missed(gap)}."]
    told += [f"Test: {suggestion(test)}." for test in gap.suggested_tests]
    first = max(gap.line_start, 1)
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(gap.file_path, prefix),
            "region": {"startLine": first, "endLine": max(gap.line_end, first)},
        }
    }
    if gap.symbol:
        location["logicalLocations"] = [{"fullyQualifiedName": gap.symbol}]
    result: dict[str, Any] = {
        "ruleId": gap.gap_type,
        "ruleIndex": types.index(gap.gap_type),
        "level": LEVELS.get(gap.severity, "note"),
        "message": {"text": _message(" ".join(told))},
        "locations": [location],
        "partialFingerprints": {"headwaterGap/v1": gap.id},
        "rank": min(max(round(gap.score, 2), 0.0), 100.0),
        "properties": {"severity": gap.severity, "terms": {term.name: term.detail for term in gap.terms}},
    }
    if chain:
        result["relatedLocations"] = [_step(number, each, prefix) for number, each in enumerate(chain, 1)]
    return result


def _chains(paths: Sequence[pb.CriticalPath]) -> Mapping[str, Sequence[str]]:
    """Finds for each gap the worst chain that it lies on."""
    found: dict[str, Sequence[str]] = {}
    for path in paths:
        for gap in path.gaps:
            found.setdefault(gap, path.chain)
    return found


def _step(number: int, place: str, prefix: str) -> dict[str, Any]:
    path, _, symbol = place.partition("::")
    location: dict[str, Any] = {
        "id": number,
        "physicalLocation": {"artifactLocation": _artifact(path, prefix)},
        "message": {"text": _message(f"Step {number} of the critical path: {plain(symbol or path)}")},
    }
    if symbol:
        location["logicalLocations"] = [{"fullyQualifiedName": symbol}]
    return location


def _artifact(path: str, prefix: str) -> dict[str, str]:
    """Names a file by a URI: relative to the repository, or absolute where the report knows no better."""
    if path.startswith("/"):
        return {"uri": f"file://{quote(path)}"}
    if re.match(r"[A-Za-z]:/", path):
        return {"uri": f"file:///{path[:2]}{quote(path[2:])}"}
    return {"uri": quote(f"{prefix}{path}"), "uriBaseId": "%SRCROOT%"}


def _message(text: str) -> str:
    """Keeps brackets in code from being read as links to related locations (section 3.11.6)."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") if "](" in text else text
