"""Holds every setting: one documented field each. The only reader of the environment.

A setting is given as a `serve` option (`--grpc-port`), as a variable (`HEADWATER_GRPC_PORT`), or left at its default.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from headwater.errors import Code, Problem, Violation

PREFIX = "HEADWATER_"
GAP_WEIGHTS = {"crap": 3.0, "critical": 2.0, "changed": 2.0, "risk": 1.5, "callers": 1.0, "churn": 0.5}
"""How much each term of a gap's score weighs."""

# gRPC reads these when it is loaded. Its fork handlers are for children that use a channel, which none of ours does;
# what its core would log (a port that is taken, a connection that went away) is told by whoever it happens to.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
os.environ.setdefault("GRPC_VERBOSITY", "NONE")


def _state_folder() -> Path:
    """Finds the user's state folder (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "headwater"


def _cores() -> int:
    return max(1, len(os.sched_getaffinity(0)))


class Settings(BaseSettings):
    """Every setting of the service."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    host: str = Field("127.0.0.1", description="The address to listen on. Off loopback, a key or JWT is required.")
    grpc_port: int = Field(50051, ge=0, le=65535, description="The gRPC port; 0 takes a free one.")
    http_port: int = Field(8080, ge=0, le=65535, description="The HTTP port; 0 takes a free one.")
    store: str = Field(
        default_factory=lambda: f"sqlite://{_state_folder() / 'headwater.db'}",
        description="The journal: sqlite:///path, sqlite://:memory: or postgresql://user@host/name.",
    )
    allow_root: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description="Folders whose files requests may name, separated by `:`; none by default."
    )
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (), description="Keys that may call, as `name:key` or `key`, separated by commas."
    )
    jwt_secret: SecretStr = Field(SecretStr(""), description="The secret of HS256 tokens, at least 32 bytes.")
    jwt_jwks: str = Field("", description="The keys of RS256 tokens: a JWKS file or its URL.")
    jwt_issuer: str = Field("", description="The issuer that tokens must name; any when empty.")
    jwt_audience: str = Field("", description="The audience that tokens must name; any when empty.")
    tls_certificate: Path | None = Field(None, description="The server's certificate chain, PEM.")
    tls_key: Path | None = Field(None, description="The certificate's private key, PEM.")
    tls_client_ca: Path | None = Field(None, description="The authority of clients' certificates (mTLS).")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins whose pages may call, separated by commas, or `*`."
    )
    sandbox: Literal["auto", "namespaces", "bubblewrap", "landlock", "process"] = Field(
        "auto", description="How strangers' code is locked up: the strongest that holds, or the one named."
    )
    sandbox_memory_mb: int = Field(1024, ge=64, description="Memory of one sandboxed program, in MiB.")
    sandbox_processes: int = Field(64, ge=4, description="Processes and threads of one sandboxed program.")
    sandbox_file_mb: int = Field(64, ge=1, description="The largest file that a sandboxed program may write, in MiB.")
    sandbox_output_kb: int = Field(1024, ge=16, description="What a sandboxed program may print, in KiB.")
    max_runs: int = Field(default_factory=_cores, ge=1, description="Runs at work at the same time; the others wait.")
    queue_length: int = Field(64, ge=0, description="Runs that may wait; one more is refused.")
    run_seconds: float = Field(900.0, gt=0, description="The longest that a run may take, waiting included.")
    budget_seconds: float = Field(10.0, gt=0, description="How long to search for tests, unless the request says.")
    max_budget_seconds: float = Field(300.0, gt=0, description="The longest search that a request may ask for.")
    import_seconds: float = Field(10.0, gt=0, description="How long the import of the module under test may take.")
    test_seconds: float = Field(5.0, gt=0, description="How long one test may take, unless the request says.")
    max_test_seconds: float = Field(60.0, gt=0, description="The longest that a request may give one test.")
    max_attempts: int = Field(3, ge=1, description="How often what failed is tried, unless the request says.")
    max_source_kb: int = Field(512, ge=1, description="The largest file under test, in KiB.")
    max_upload_mb: int = Field(48, ge=1, description="The largest request, in MiB.")
    max_unpacked_mb: int = Field(64, ge=1, description="The most that the files of a request may unpack to, in MiB.")
    max_files: int = Field(5000, ge=1, description="The most files that a request may hold.")
    max_report_mb: int = Field(4096, ge=1, description="What one coverage report may unpack to, in MiB.")
    max_measured_files: int = Field(20_000, ge=1, description="The most files of code that an analysis looks into.")
    analysis_memory_mb: int = Field(2048, ge=256, description="Memory of one analysis of coverage, in MiB.")
    gaps: int = Field(200, ge=1, description="How many gaps an analysis tells, unless the request says.")
    max_gaps: int = Field(5000, ge=1, description="The most gaps that a request may ask for.")
    gap_weights: Annotated[Mapping[str, float], NoDecode] = Field(
        GAP_WEIGHTS,
        description="How much each term of a gap's score weighs, as `crap=3,callers=1`; the others keep their weight.",
    )
    proof_outside: bool = Field(
        default=False,
        description="Whether a full proof of a project may run what the sandbox refuses: a database server, a browser.",
    )
    proof_node_modules: Path | None = Field(
        None, description="The node_modules with what the frontends of projects stand on, for full proofs."
    )
    on_disconnect: Literal["cancel", "detach"] = Field(
        "detach", description="What becomes of a run when its last reader leaves, unless the request says."
    )
    detach_seconds: float = Field(60.0, ge=0, description="How long a run goes on with nobody reading.")
    keep_events_hours: float = Field(24.0, gt=0, description="How long the events of an ended run are kept.")
    keep_runs_days: float = Field(30.0, gt=0, description="How long an ended run is kept.")
    commit_ms: float = Field(10.0, ge=0, description="How long events may gather before they are committed together.")
    lease_seconds: float = Field(6.0, gt=0, description="After how long without a sign a run's process counts as dead.")
    max_adoptions: int = Field(2, ge=0, description="How often a run may be taken over before it is given up.")
    window_events: int = Field(12, ge=1, description="Newest events of a run that are kept in memory for its readers.")
    heartbeat_seconds: float = Field(15.0, gt=0, description="How often an idle SSE stream carries a comment.")
    send_seconds: float = Field(30.0, gt=0, description="How long one write to a slow HTTP reader may take.")
    drain_seconds: float = Field(30.0, ge=0, description="How long runs may finish after SIGTERM.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least level to log.")
    log_format: Literal["auto", "json", "text"] = Field("auto", description="auto: text on a terminal, else JSON.")
    prompts: Path | None = Field(None, description="A folder whose templates replace the shipped prompts of that name.")
    max_output_tokens: int | None = Field(
        None, ge=1, le=1_000_000, description="The most tokens of a model's answer, what it thinks included."
    )
    temperature: float | None = Field(
        None, ge=0, le=2, description="How freely a model writes, 0 to 2; sent where the model takes one."
    )
    effort: Literal["low", "medium", "high"] | None = Field(
        None, description="How much a model reasons; sent where the model takes it."
    )
    provider_calls: int = Field(0, ge=0, description="Calls to one vendor under way at the same time; 0 is no limit.")
    provider_requests_per_minute: int = Field(0, ge=0, description="Calls to one vendor a minute; 0 is no limit.")
    provider_tokens_per_minute: int = Field(
        0, ge=0, description="Tokens to and from one vendor a minute; 0 is no limit."
    )
    tenant_calls: int = Field(0, ge=0, description="Calls of one caller to one vendor at the same time; 0: no limit.")
    tenant_requests_per_minute: int = Field(
        0, ge=0, description="Calls of one caller to one vendor a minute; 0 is no limit."
    )
    tenant_tokens_per_minute: int = Field(
        0, ge=0, description="Tokens of one caller to and from one vendor a minute; 0 is no limit."
    )
    quota_wait_seconds: float = Field(
        60.0, ge=0, description="The longest wait for a turn at a vendor; a longer one is refused at once."
    )
    provider_connect_seconds: float = Field(5.0, gt=0, description="How long a connection to a vendor may take.")
    provider_first_token_seconds: float = Field(
        60.0, gt=0, description="How long a vendor may take for its first word."
    )
    provider_reasoning_seconds: float = Field(
        300.0, gt=0, description="The same, for a model that reasons before it writes."
    )
    provider_idle_seconds: float = Field(60.0, gt=0, description="How long a vendor may pause within its answer.")
    provider_check_seconds: float = Field(10.0, gt=0, description="How long the live check of a vendor may take.")
    prices: Path | None = Field(None, description="A price table that replaces the shipped one, JSON.")
    tracing: bool = Field(
        False, description="Whether calls to vendors make OpenTelemetry spans, where its SDK is set up."
    )
    scripts: Path | None = Field(None, description="The folder of recorded answers for the scripted provider.")

    @field_validator("api_keys", "cors_origins", mode="before")
    @classmethod
    def _commas(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("gap_weights", mode="before")
    @classmethod
    def _weights(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = (part.partition("=") for part in value.split(",") if part.strip())
        return {name.strip(): weight for name, _, weight in pairs}

    @field_validator("gap_weights")
    @classmethod
    def _known_weights(cls, value: Mapping[str, float]) -> Mapping[str, float]:
        for name, weight in value.items():
            if name not in GAP_WEIGHTS or not 0 <= weight < float("inf"):
                raise ValueError(f"{name}={weight:g} is no weight of {', '.join(GAP_WEIGHTS)}")
        return {**GAP_WEIGHTS, **value}

    @field_validator("allow_root", mode="before")
    @classmethod
    def _colons(cls, value: Any) -> Any:
        return tuple(part for part in value.split(os.pathsep) if part) if isinstance(value, str) else value

    @field_validator("allow_root")
    @classmethod
    def _folders(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        for folder in value:
            if not folder.is_dir():
                raise ValueError(f"{folder} is not a folder")
        return tuple(folder.resolve() for folder in value)

    @property
    def auth_required(self) -> bool:
        """Whether callers must show a key or a token."""
        return bool(self.api_keys or self.jwt_secret.get_secret_value() or self.jwt_jwks)


def read_variables(names: Iterable[str]) -> Mapping[str, str]:
    """Reads the variables of these names that are set: the vendors' own, which hold their keys and URLs."""
    return {name: value for name in names if (value := os.environ.get(name))}


def load_settings(**given: Any) -> Settings:
    """Reads the settings: what is given, then the environment, then the defaults.

    Raises Problem INVALID_ARGUMENT `SETTING_INVALID` that names each bad setting and where it came from.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        violations = tuple(_violation(each["loc"], each["msg"], given) for each in error.errors())
        message = "; ".join(each.description for each in violations)
        remedy = "See headwater serve --help."
        raise Problem(Code.INVALID_ARGUMENT, "SETTING_INVALID", message, remedy, violations=violations) from None


def _violation(location: tuple[int | str, ...], message: str, given: dict[str, Any]) -> Violation:
    name = str(location[0]) if location else "settings"
    source = f"--{name.replace('_', '-')}" if given.get(name) is not None else f"{PREFIX}{name.upper()}"
    return Violation(field=name, description=f"{source}: {message}")
