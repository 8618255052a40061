"""Says what each model can do: data, matched by the names of vendor and model."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """What a model can do. A knob that it does not have is not sent to it."""

    streams: bool = True
    tools: bool = True
    schema: bool = True
    """Whether an answer can be held to a JSON schema."""
    reasons: bool = False
    """Whether the effort of its reasoning can be chosen."""
    temperature: bool = True
    seed: bool = True
    context: int = 0
    """Tokens of question and answer together; 0 where nobody knows."""
    output: int = 16_384
    """The most tokens of an answer."""


_GPT = Ability(reasons=True, temperature=False, seed=False, context=1_050_000, output=128_000)
_GPT_5 = Ability(reasons=True, temperature=False, seed=False, context=400_000, output=128_000)
_O = Ability(reasons=True, temperature=False, seed=False, context=200_000, output=100_000)
_CLAUDE = Ability(reasons=True, temperature=False, seed=False, context=1_000_000, output=128_000)
_GPT_4O = Ability(context=128_000)
_CLAUDE_3 = Ability(temperature=False, seed=False, schema=False, context=200_000, output=8_192)
_CLAUDE_4 = Ability(temperature=False, seed=False, schema=False, context=200_000, output=32_000)
_CLAUDE_4_5 = Ability(temperature=False, seed=False, context=200_000, output=64_000)
_DEEPSEEK = Ability(reasons=True, schema=False, seed=False, context=1_000_000, output=384_000)
_LOCAL = Ability(context=32_768, output=8_192)
_LOCAL_REASONS = Ability(reasons=True, context=32_768, output=16_384)

ABILITIES: tuple[tuple[str, str, Ability], ...] = (
    ("openai|responses|azure", "gpt-5.[4-9]*", _GPT),
    ("openai|responses|azure", "gpt-5*-chat*", _GPT_4O),
    ("openai|responses|azure", "gpt-5*", _GPT_5),
    ("openai|responses|azure", "gpt-6*", _GPT),
    ("openai|responses|azure", "o[134]*", _O),
    ("openai|responses|azure", "gpt-4.1*", Ability(context=1_047_576, output=32_768)),
    ("openai|responses|azure", "gpt-4o*", _GPT_4O),
    ("openai|responses|azure", "gpt-4*", Ability(schema=False, context=8_192, output=4_096)),
    ("openai|responses|azure", "gpt-3.5*", Ability(schema=False, context=16_385, output=4_096)),
    ("anthropic", "claude-[0-3]*", _CLAUDE_3),
    ("anthropic", "claude-*-4-5*", _CLAUDE_4_5),
    ("anthropic", "claude-*-4-[012]*", _CLAUDE_4),
    ("anthropic", "claude-*", _CLAUDE),
    ("deepseek", "*", _DEEPSEEK),
    ("qwen", "qwen3-coder*", Ability(context=1_000_000, output=65_536)),
    ("qwen", "*", Ability(context=131_072)),
    ("groq", "openai/gpt-oss*", Ability(reasons=True, context=131_072, output=65_536)),
    ("openrouter", "openai/gpt-[56]*", _GPT),
    ("openrouter", "anthropic/*", _CLAUDE),
    ("ollama*", "gpt-oss*", _LOCAL_REASONS),
    ("ollama*", "qwen3-coder*", _LOCAL),
    ("ollama*", "qwen3*", _LOCAL_REASONS),
    ("ollama*", "deepseek-r1*", _LOCAL_REASONS),
    ("ollama*", "*", _LOCAL),
    ("vllm|lmstudio", "*", Ability(output=8_192)),
)
"""The first line that fits counts: vendors (separated by |), models, what they can do."""


def find_ability(vendor: str, model: str) -> Ability:
    """Finds what a model can do; one that is not in the table can do what most can."""
    for vendors, models, ability in ABILITIES:
        if any(fnmatchcase(vendor, each) for each in vendors.split("|")) and fnmatchcase(model, models):
            return ability
    return Ability()
