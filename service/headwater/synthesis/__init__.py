"""Writes tests and projects from source, the same each time: text in, text out, no I/O.

`guest/` is the part that runs in the sandbox beside the module under test and reports what calls did; the rest turns
its reports into test functions that a person would have written.
"""
