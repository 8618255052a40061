"""Bounds what is asked of a model about hooks, and what is read of its answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many hooks there are, how often one is mended, and how much of what is said is read."""

    hooks: int = 5
    repairs: int = 2
    """Times that a draft is sent back with what is wrong with it."""
    answer_characters: int = 40_000
    code_lines: int = 150
    rule_characters: int = 300
    sentence_characters: int = 1_000
    """Of a sentence in which a rule is looked for."""
    candidates: int = 12
    """Sentences that are shown to the model as likely rules."""
    context_characters: int = 24_000
    """Of the files of the project that the model is shown."""
    told_characters: int = 2_000
    """Of what a failed run said."""
    run_seconds: float = 20.0
    """Of the tests of one hook."""
    tries: int = 50
    """Brackets at which JSON is looked for."""
