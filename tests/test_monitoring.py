"""What the dashboard and the alerts ask for is what the service measures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from headwater.measures import COUNTERS, GAUGES, HISTOGRAMS
from headwater.metrics import Metrics, Resume, Rpc
from headwater.sandbox import Level, Outcome

DEPLOY = Path(__file__).parent.parent / "deploy"


def expressions() -> Iterator[tuple[str, str]]:
    """Yields every query of the dashboard and of the alerts, with where it stands."""
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for rule in rules():
        yield rule["alert"], rule["expr"]


def dashboard() -> dict[str, Any]:
    return json.loads((DEPLOY / "grafana/dashboards/headwater.json").read_text())


def rules() -> list[dict[str, Any]]:
    return [
        rule
        for group in yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"]
        for rule in group["rules"]
    ]


def series() -> dict[str, set[str]]:
    """Names every series that Prometheus will have, with its labels."""
    target = {"instance", "job"}
    found = {metric.name: set(target) for metric in Metrics(rpcs=[], version="1").registry.collect()}
    found |= {f"{name}_total": labels for name, labels in found.items()}
    found["up"] = target
    for measure in (*COUNTERS, *GAUGES):
        found[measure.name] = {*measure.labels, *target}
    for measure in HISTOGRAMS:
        for suffix in ("_bucket", "_sum", "_count"):
            found[measure.name + suffix] = {*measure.labels, *target, *(["le"] if suffix == "_bucket" else [])}
    return found


def asked(expression: str) -> tuple[set[str], set[str]]:
    """Returns the series and the labels that an expression of PromQL names."""
    bare = re.sub(r"\[[^\]]*\]", "", expression)
    labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", bare))
    bare = re.sub(r"\{[^}]*\}", "", bare)
    for group in re.findall(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)", bare):
        labels |= {name.strip() for name in group.split(",") if name.strip()}
    bare = re.sub(r"\b(?:by|without|on|ignoring)\s*\([^)]*\)", "", bare)
    return set(re.findall(r"\b[a-z_]\w*\b(?!\s*\()", bare)) - {"and", "or", "unless"}, labels


@pytest.mark.parametrize(("where", "expression"), [*expressions()])
def test_a_query_asks_for_metrics_and_labels_that_exist(where: str, expression: str) -> None:
    """In the dashboard and in the alerts; parentheses and braces are closed."""
    known = series()
    names, labels = asked(expression)
    assert names, where
    assert names - known.keys() == set()
    assert labels - set[str]().union(*(known[name] for name in names)) == set()
    for opening, closing in ("()", "{}", "[]"):
        assert expression.count(opening) == expression.count(closing)


def test_a_query_for_something_else_would_be_noticed() -> None:
    """The check itself tells series, labels and functions apart."""
    names, labels = asked('sum by (le, x) (rate(run_bucket{a="b",c!~"d"}[5m])) / on (y) other{} > 0.5')
    assert (names, labels) == ({"run_bucket", "other"}, {"le", "x", "a", "c", "y"})


def test_labels_are_compared_with_values_that_occur() -> None:
    """An alert on an outcome that there is none of would never fire."""
    metrics = Metrics(rpcs=[Rpc(service="s", name="M", streams=True)], version="1")
    values: Mapping[str, set[str]] = {
        "grpc_code": {
            sample.labels["grpc_code"]
            for family in metrics.registry.collect()
            for sample in family.samples
            if "grpc_code" in sample.labels
        },
        "outcome": {each.value for each in Outcome} | {"complete", "error", "cancelled"},
        "level": {each.value for each in Level},
        "result": {each.value for each in Resume},
    }
    compared = 0
    for where, expression in expressions():
        for label, value in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"([^\"]*)\"", expression):
            if label in values:
                compared += 1
                assert set(value.split("|")) <= values[label], where
    assert compared


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    """A severity, a summary and an action each; names are unique."""
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert {"summary", "action"} <= rule["annotations"].keys()
