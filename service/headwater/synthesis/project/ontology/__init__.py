"""Knows what kinds of applications and features usually hold, as tables in a short notation."""
