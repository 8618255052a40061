"""Checks a GenerateTests request: each field is usable, or refused with its path, the reason and the remedy."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from google.protobuf.duration_pb2 import Duration

from headwater.errors import invalid
from headwater.pipeline.languages.makers import LANGUAGES
from headwater.pipeline.languages.outline import definitions
from headwater.providers.names import check_provider
from headwater.rpc import JobLimits
from headwater.rpc.fields import between, percentage
from headwater.v1 import generate_tests_pb2 as pb

TEST_TYPES = ("unit", "integration", "e2e")
MOST_TESTS = 10_000
MOST_ATTEMPTS = 10
MOST_EXECUTIONS = 100_000_000
MOST_PROVIDERS = 8
MOST_MODEL_CHARS = 200
MODELLESS = "embedded"
"""The provider that has no model, so that one that is named for it would be ignored."""

MOST_SECONDS: Mapping[str, str] = MappingProxyType(
    {"budget": "HEADWATER_MAX_BUDGET_SECONDS", "test_timeout": "HEADWATER_MAX_TEST_SECONDS"}
)
"""The setting that bounds each duration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A request with its defaults filled in. Times in seconds, coverage in percent.

    `framework` is empty where the project's own is meant.
    """

    framework: str
    test_type: str
    providers: tuple[str, ...]
    seed: int
    target_count: int
    coverage_target: float
    symbols: tuple[str, ...]
    line_range: tuple[int, int] | None
    budget_seconds: float
    executions: int
    test_seconds: float
    max_attempts: int

    @property
    def provider(self) -> str:
        """Who is asked first, without its model."""
        return self.providers[0].partition(":")[0]

    @property
    def model(self) -> str:
        """With which model; empty for its default."""
        return self.providers[0].partition(":")[2]

    def check_target(self, source: str, known: Sequence[str]) -> None:
        """Refuses symbols that the source does not define, being none of the known ones, and lines that it lacks."""
        for index, symbol in enumerate(self.symbols):
            if symbol not in known:
                shown = ", ".join(known[:20]) or "nothing"
                message = f"The source defines no {symbol!r}."
                raise invalid("TARGET_UNKNOWN", f"target.symbols[{index}]", message, f"It defines: {shown}.")
        last = source.count("\n") + 1
        if self.line_range is not None and self.line_range[0] > last:
            message = f"The source has {last} lines; the range begins at line {self.line_range[0]}."
            raise invalid("TARGET_BEYOND_END", "target.line_start", message, f"Begin at line {last} or before.")


def check_request(request: pb.GenerateTestsRequest, limits: JobLimits) -> Checked:
    """Fills the defaults in. Raises Problem INVALID_ARGUMENT for the first field that is unusable."""
    providers = _providers(request)
    if request.language:
        _one_of("language", request.language, tuple(LANGUAGES))
    every = tuple(name for entry in LANGUAGES.values() for name in entry.frameworks)
    return Checked(
        framework=_one_of("framework", request.framework, every) if request.framework else "",
        test_type=_one_of("test_type", request.test_type or "unit", TEST_TYPES),
        providers=providers,
        seed=request.seed,
        target_count=between("target_count", request.target_count, 0, MOST_TESTS),
        coverage_target=percentage("coverage_target", request.coverage_target),
        symbols=tuple(request.target.symbols),
        line_range=_lines(request.target),
        budget_seconds=_seconds(request.limits, "budget", limits.budget_seconds, limits.max_budget_seconds),
        executions=between("limits.executions", request.limits.executions, 0, MOST_EXECUTIONS),
        test_seconds=_seconds(request.limits, "test_timeout", limits.test_seconds, limits.max_test_seconds),
        max_attempts=_attempts(request.limits, limits),
    )


def known_symbols(source: str, language: str, path: str) -> Sequence[str]:
    """Names what a source that was read defines."""
    dialect = LANGUAGES[language].dialect
    if dialect is None:
        return tuple(_symbols(ast.parse(source), ""))
    return tuple(each.name for each in definitions(source, dialect(path)))


def _providers(request: pb.GenerateTestsRequest) -> tuple[str, ...]:
    """Returns who writes, each with its model."""
    names = list(request.provider) or ["embedded"]
    if len(names) > MOST_PROVIDERS:
        message = f"{len(names)} providers are more than the {MOST_PROVIDERS} that a chain may have."
        raise invalid("OUT_OF_BOUNDS", "provider", message, "Name those that you would ask first.")
    if request.model and ":" not in names[0]:
        names[0] = f"{names[0]}:{request.model}"
    for index, name in enumerate(names):
        check_provider(name)
        own, _, model = name.partition(":")
        if not model.isprintable() or len(model) > MOST_MODEL_CHARS:
            field = "model" if request.model and index == 0 else f"provider[{index}]"
            message = f"{model[:100]!r} cannot be the name of a model."
            raise invalid("OUT_OF_BOUNDS", field, message, f"Use up to {MOST_MODEL_CHARS} printable characters.")
        if own == MODELLESS and model:
            field = "model" if request.model and index == 0 else f"provider[{index}]"
            message = f"The provider {own!r} has no model, and would ignore {model[:100]!r}."
            raise invalid("MODEL_UNUSED", field, message, "Leave the model out, or name a provider that has models.")
    return tuple(names)


def _one_of(field: str, value: str, known: tuple[str, ...]) -> str:
    if value.lower() not in known:
        message = f"{value!r} is not a {field.replace('_', ' ')} that is served here."
        raise invalid(f"{field.upper()}_UNKNOWN", field, message, f"Use one of: {', '.join(known)}.", value=value[:100])
    return value.lower()


def _lines(target: pb.Target) -> tuple[int, int] | None:
    start, end = target.line_start, target.line_end
    if not start and not end:
        return None
    if start < 1:
        message = f"A range cannot begin at line {start}."
        raise invalid("RANGE_INVALID", "target.line_start", message, "Lines count from 1.")
    if end and end < start:
        message = f"The range ends at line {end}, before it begins at {start}."
        raise invalid("RANGE_INVALID", "target.line_end", message, "Leave it out for a single line.")
    return start, end or start


def _seconds(given: pb.GenerateTestsLimits, name: str, default: float, most: float) -> float:
    if not given.HasField(name):  # type: ignore[arg-type]
        return default
    duration: Duration = getattr(given, name)
    seconds = duration.seconds + duration.nanos / 1e9
    if not 0 < seconds <= most:
        message = f"{seconds:g} s is outside what is allowed, which is more than none and up to {most:g} s."
        remedy = f"Use a duration such as 10s, or raise the setting {MOST_SECONDS[name]}."
        raise invalid("OUT_OF_BOUNDS", f"limits.{name}", message, remedy, value=f"{seconds:g}")
    return seconds


def _attempts(given: pb.GenerateTestsLimits, limits: JobLimits) -> int:
    if not given.HasField("max_attempts"):
        return limits.max_attempts
    return between("limits.max_attempts", given.max_attempts, 1, MOST_ATTEMPTS)


def _symbols(node: ast.AST, prefix: str) -> Iterator[str]:
    """Names every function, class and method, qualified in its module, also those under `if` and `try`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield prefix + child.name
            if isinstance(child, ast.ClassDef):
                yield from _symbols(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.If | ast.Try | ast.With):
            yield from _symbols(child, prefix)
