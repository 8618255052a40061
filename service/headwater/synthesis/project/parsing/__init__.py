"""Reads requirements: a spec block, lists, user stories, sentences, and what a kind of application usually brings."""

from headwater.synthesis.project.parsing.reading import parse

__all__ = ["parse"]
