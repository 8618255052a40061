"""The vendors of language models: one line each in `VENDORS`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from headwater.errors import Code, Problem, invalid, problem
from headwater.providers.abilities import Ability, find_ability
from headwater.providers.limits import Limits

Wire = Literal["openai", "responses", "anthropic", "ollama"]
KEYLESS = "or use the provider `embedded`, which needs no key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How a vendor's dialect differs from the wire it speaks."""

    max_tokens: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    usage: bool = True
    """Whether a stream tells its usage when asked to."""
    obfuscation: bool = False
    """Whether events are padded against eavesdroppers, unless told not to."""
    schema: Literal["json_schema", "json_object"] = "json_schema"
    effort: bool = True
    """Whether it knows `reasoning_effort`."""
    efforts: Mapping[str, str] = field(default_factory=dict[str, str])
    """What it calls an effort, where it has another word."""
    organization: bool = False
    """Whether the organisation and headers that the OpenAI variables name are meant for it."""
    suffix: str = ""
    """What follows the URL that its variable holds."""
    generate: bool = False
    """Whether the model is given bare text instead of a conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """Who is called: the wire, where it is, and which variables hold its key and its URL."""

    wire: Wire
    url: str = ""
    keys: tuple[str, ...] = ()
    """Variables that may hold the key, the first that is set counts."""
    key_needed: bool = True
    url_variable: str = ""
    model: str = ""
    """The model that is asked unless another is named; "" where each installation has its own."""
    local: bool = False
    """Whether it runs on the user's own machines, where tokens cost nothing."""
    summary: str = ""
    quirks: Quirks = field(default_factory=Quirks)


_Rest = Mapping[str, Any]
_OPENAI = Quirks(max_tokens="max_completion_tokens", obfuscation=True, organization=True)
_AZURE = Quirks(max_tokens="max_completion_tokens", suffix="/openai/v1")
_DEEPSEEK = Quirks(schema="json_object", efforts={"low": "high", "medium": "high"})
_GROQ = Quirks(max_tokens="max_completion_tokens")
_QWEN = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
_GPT: _Rest = {"url": "https://api.openai.com/v1", "model": "gpt-6.1-terra", "quirks": _OPENAI}
_CLAUDE: _Rest = {"keys": ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"), "model": "claude-sonnet-5-5"}
_OLLAMA: _Rest = {"url": "http://127.0.0.1:11434", "url_variable": "OLLAMA_HOST", "model": "qwen3-coder", "local": True}


def _vendor(wire: Wire, summary: str, prefix: str, **rest: Any) -> Vendor:
    """Names the variables as most vendors do: PREFIX_API_KEY and PREFIX_BASE_URL."""
    fields: dict[str, Any] = {"keys": (f"{prefix}_API_KEY",), "url_variable": f"{prefix}_BASE_URL", **rest}
    return Vendor(wire=wire, summary=summary, key_needed=not rest.get("local"), **fields)


# fmt: off
VENDORS: Mapping[str, Vendor] = {
    "openai": _vendor("openai", "OpenAI, chat completions", "OPENAI", **_GPT),
    "responses": _vendor("responses", "OpenAI, the Responses API", "OPENAI", **_GPT),
    "anthropic": _vendor("anthropic", "Anthropic", "ANTHROPIC", url="https://api.anthropic.com", **_CLAUDE),
    "ollama": _vendor("ollama", "Ollama, on your machine", "OLLAMA", **_OLLAMA),
    "ollama-generate": _vendor("ollama", "Ollama, bare text", "OLLAMA", **_OLLAMA, quirks=Quirks(generate=True)),
    "deepseek": _vendor("openai", "DeepSeek", "DEEPSEEK", url="https://api.deepseek.com", model="deepseek-v4-pro", quirks=_DEEPSEEK),  # noqa: E501 — a line each
    "qwen": _vendor("openai", "Qwen, at Alibaba Cloud", "DASHSCOPE", url=_QWEN, model="qwen3-coder-plus", quirks=Quirks(effort=False)),  # noqa: E501 — a line each
    "groq": _vendor("openai", "Groq", "GROQ", url="https://api.groq.com/openai/v1", model="openai/gpt-oss-120b", quirks=_GROQ),  # noqa: E501 — a line each
    "openrouter": _vendor("openai", "OpenRouter, models of many vendors", "OPENROUTER", url="https://openrouter.ai/api/v1", model="openai/gpt-6.1-terra"),  # noqa: E501 — a line each
    "azure": _vendor("openai", "OpenAI's models at Azure, by deployment", "AZURE_OPENAI", url_variable="AZURE_OPENAI_ENDPOINT", quirks=_AZURE),  # noqa: E501 — a line each
    "vllm": _vendor("openai", "vLLM, on your machines", "VLLM", url="http://127.0.0.1:8000/v1", local=True),
    "lmstudio": _vendor("openai", "LM Studio, on your machine", "LMSTUDIO", url="http://127.0.0.1:1234/v1", local=True, quirks=Quirks(effort=False)),  # noqa: E501 — a line each
}
# fmt: on


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One model of one vendor, and all that a call to it needs."""

    vendor: str
    model: str
    url: str = field(repr=False)
    """May hold a user and a password."""
    key: str = field(default="", repr=False)
    quirks: Quirks = field(default_factory=Quirks)
    ability: Ability = field(default_factory=Ability)
    limits: Limits = field(default_factory=Limits)

    @property
    def name(self) -> str:
        """`vendor:model`."""
        return f"{self.vendor}:{self.model}"

    def most_tokens(self, wanted: int | None) -> int:
        """Says how many tokens an answer may have: what is wanted, else the limit, and never more than the model's."""
        limits = self.limits
        usual = limits.reasoning_output_tokens if self.ability.reasons else limits.output_tokens
        return min(wanted or usual, self.ability.output)


def find_target(name: str, secrets: Mapping[str, str], limits: Limits) -> Target:
    """Finds whom `vendor` or `vendor:model` means; `secrets` holds the vendors' variables.

    Raises Problem INVALID_ARGUMENT `VENDOR_UNKNOWN`, `MODEL_MISSING`; FAILED_PRECONDITION `VENDOR_KEY_MISSING`,
    `VENDOR_KEY_INVALID`, `VENDOR_URL_INVALID`.
    """
    called, _, model = name.partition(":")
    vendor = VENDORS.get(called)
    if vendor is None:
        remedy = f"Use one of: {', '.join(VENDORS)}."
        raise invalid("VENDOR_UNKNOWN", "provider", f"There is no vendor called {called!r}.", remedy, vendor=called)
    model = model or vendor.model
    if not model:
        remedy = f"Name a model that it serves, as {called}:MODEL."
        raise invalid("MODEL_MISSING", "model", f"The vendor {called!r} has no model of its own choice.", remedy)
    key = find_key(called, vendor, secrets)
    return Target(
        vendor=called,
        model=model,
        url=find_url(called, vendor, secrets),
        key=key,
        quirks=vendor.quirks,
        ability=find_ability(called, model),
        limits=limits,
    )


def find_key(name: str, vendor: Vendor, secrets: Mapping[str, str]) -> str:
    """Finds a vendor's key; "" where none is needed. Raises Problem FAILED_PRECONDITION without it."""
    variable = next((each for each in vendor.keys if secrets.get(each, "").strip()), None)
    if variable is None:
        if not vendor.key_needed:
            return ""
        wanted = " or ".join(vendor.keys)
        message = f"The vendor {name!r} needs a key."
        remedy = f"Set {wanted} where the service runs, {KEYLESS}."
        raise problem(Code.FAILED_PRECONDITION, "VENDOR_KEY_MISSING", message, remedy, vendor=name, variable=wanted)
    key = secrets[variable].strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        message = f"The key in {variable} holds characters that no key has."
        remedy = f"Set {variable} to the key alone, without quotes or line breaks, {KEYLESS}."
        raise problem(Code.FAILED_PRECONDITION, "VENDOR_KEY_INVALID", message, remedy, vendor=name, variable=variable)
    return key


def find_url(name: str, vendor: Vendor, secrets: Mapping[str, str]) -> str:
    """Finds where a vendor is. Raises Problem FAILED_PRECONDITION `VENDOR_URL_INVALID`."""
    given = secrets.get(vendor.url_variable, "").strip()
    if not given:
        if vendor.url:
            return vendor.url
        raise _bad_url(name, vendor, "is not set")
    if vendor.wire == "ollama" and "://" not in given:
        # Ollama's own tools take `host`, `host:port` and `:port`; 0.0.0.0 is where the server listens, not where it is.
        host, _, port = given.rpartition(":") if ":" in given else (given, "", "")
        port = port or "11434"
        given = f"http://{'127.0.0.1' if host in {'', '0.0.0.0'} else host}:{port}"  # noqa: S104 — not bound, replaced
    try:
        parts = urlsplit(given)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise _bad_url(name, vendor, "holds no URL")
    given = given.rstrip("/")
    return given if given.endswith(vendor.quirks.suffix) else given + vendor.quirks.suffix


def _bad_url(name: str, vendor: Vendor, what: str) -> Problem:
    variable = vendor.url_variable
    message = f"{variable}, which says where the vendor {name!r} is, {what}."
    remedy = f"Set {variable} to a URL such as https://host/v1, {KEYLESS}."
    return problem(Code.FAILED_PRECONDITION, "VENDOR_URL_INVALID", message, remedy, vendor=name, variable=variable)
