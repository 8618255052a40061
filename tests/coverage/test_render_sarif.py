"""SARIF: what the standard's schema requires, checked by hand, and what GitHub makes of it."""

import json
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from headwater.render import Analysis, sarif
from headwater.v1 import analyze_coverage_pb2 as pb

from .analyses import FULL, GAPS, HOSTILE, gap, hostile, many

LEVELS = {"none", "note", "warning", "error"}


def log(analysis: Analysis) -> Any:
    """Renders, and checks what the schema of SARIF 2.1.0 asks of every log."""
    made = json.loads(sarif.render(analysis))
    assert made["version"] == "2.1.0"
    assert made["$schema"].endswith("sarif-schema-2.1.0.json")
    assert made.keys() <= {"$schema", "version", "runs", "inlineExternalProperties", "properties"}
    for run in made["runs"]:
        rules = run["tool"]["driver"]["rules"]
        assert run["tool"]["driver"]["name"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        for rule in rules:
            assert rule["defaultConfiguration"]["level"] in LEVELS
            assert all(rule[name]["text"] for name in ("shortDescription", "fullDescription", "help"))
        for result in run["results"]:
            check_result(result, rules)
    return made


def check_result(result: Any, rules: list[Any]) -> None:
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in LEVELS
    assert result["message"]["text"]
    assert 0 <= result["rank"] <= 100
    assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
    related = result.get("relatedLocations", [])
    assert len({each["id"] for each in related}) == len(related)
    for location in [*result["locations"], *related]:
        physical = location["physicalLocation"]
        uri = physical["artifactLocation"]["uri"]
        assert urlsplit(uri).scheme in {"", "file"}
        assert not set(uri) & set(' "<>\\^`{|}\n')
        region = physical.get("region", {"startLine": 1, "endLine": 1})
        assert 1 <= region["startLine"] <= region["endLine"]


def test_each_gap_is_a_result_of_its_rule() -> None:
    """Level by severity, fingerprint by the gap's id, place from the repository's top."""
    (run,) = log(FULL)["runs"]
    assert [each["ruleId"] for each in run["results"]] == [each.gap_type for each in GAPS]
    assert [each["level"] for each in run["results"]] == ["error", "error", "warning", "note", "note"]
    first = run["results"][0]
    assert first["partialFingerprints"] == {"headwaterGap/v1": "partial_branch-1"}
    artifact = first["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "src/shop/pay.py", "uriBaseId": "%SRCROOT%"}


def test_a_critical_path_is_told_beside_its_gaps() -> None:
    """The chain's functions are related locations, in the order of the calls."""
    first, *rest = log(FULL)["runs"][0]["results"]
    places = [each["physicalLocation"]["artifactLocation"]["uri"] for each in first["relatedLocations"]]
    assert places == ["src/shop/app.py", "src/shop/pay.py"]
    assert not any("relatedLocations" in each for each in rest)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü.py", "a%20b/%C3%BC.py"),
        ("/build/a.py", "file:///build/a.py"),
        ("C:/build/a.py", "file:///C:/build/a.py"),
        ("x:y.py", "x%3Ay.py"),
    ],
)
def test_places_are_uris(path: str, uri: str) -> None:
    """Relative to the repository where they can be, absolute where the report says no more."""
    complete = pb.AnalyzeCoverageComplete(gaps=[gap("uncovered_block", "low", file_path=path)])
    (result,) = log(Analysis(complete=complete))["runs"][0]["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact["uri"] == uri
    assert ("uriBaseId" in artifact) is not uri.startswith("file:")


def test_hostile_names_are_data() -> None:
    """They come back from the URI as they were, and make no link in a message."""
    results = log(hostile())["runs"][0]["results"]
    assert unquote(results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) == HOSTILE
    assert all("\\[x\\](y)" in each["message"]["text"] for each in results[:-1])


def test_many_gaps_are_many_results() -> None:
    """Nothing is left out."""
    assert len(log(many(300))["runs"][0]["results"]) == 300
