"""Counts and times the calls to vendors, under the conventional names of generative AI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from headwater.providers.genai import METRICS, Metric

MODELS = frozenset({"model", "gen_ai_request_model"})
OTHER = "other"


class VendorMetrics:
    """The `Observe` of the providers, on a registry of Prometheus."""

    def __init__(self, registry: CollectorRegistry, *, most_models: int = 200) -> None:
        """Registers every metric of the table.

        A caller may make models' names up, and each would be a row for ever: what comes after `most_models` of them is
        counted as `other`.
        """
        self._counters = {m.name: Counter(m.name, m.help, m.labels, registry=registry) for m in _of("counter")}
        self._gauges = {m.name: Gauge(m.name, m.help, m.labels, registry=registry) for m in _of("gauge")}
        self._histograms = {
            m.name: Histogram(m.name, m.help, m.labels, registry=registry, buckets=m.buckets) for m in _of("histogram")
        }

        self._children: dict[tuple[str, ...], Any] = {}
        self._models: set[str] = set()
        self._most_models = most_models

    def count(self, name: str, labels: Mapping[str, str], by: float = 1.0) -> None:
        """Adds to a counter."""
        self._child(self._counters[name], name, labels).inc(by)

    def record(self, name: str, labels: Mapping[str, str], value: float) -> None:
        """Adds a value to a histogram."""
        self._child(self._histograms[name], name, labels).observe(value)

    def gauge(self, name: str, labels: Mapping[str, str], value: float) -> None:
        """Sets a gauge."""
        self._child(self._gauges[name], name, labels).set(value)

    def _child(self, metric: Any, name: str, labels: Mapping[str, str]) -> Any:
        """Looks a child up: one is told of every piece of an answer."""
        key = (name, *labels.values())
        child = self._children.get(key)
        if child is not None:
            return child
        kept = {label: self._kept(value) if label in MODELS else value for label, value in labels.items()}
        if kept != labels:
            return self._child(metric, name, kept)
        child = self._children[key] = metric.labels(**labels)
        return child

    def _kept(self, model: str) -> str:
        if model not in self._models and model != OTHER:
            if len(self._models) >= self._most_models:
                return OTHER
            self._models.add(model)
        return model


def _of(kind: str) -> list[Metric]:
    return [metric for metric in METRICS if metric.kind == kind]
