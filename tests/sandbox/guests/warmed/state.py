"""Holds what the warm-up left."""

FOUND = []
