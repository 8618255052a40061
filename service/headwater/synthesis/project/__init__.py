"""Turns requirements into a project, deterministically: text in, values out, no I/O.

`parsing.parse` reads requirements into a `spec.Spec`; `spec_json` writes and reads its JSON form and names every fault
in it; `complexity.measure` counts its functional size; `schema.derive` makes its tables, and `ddl`, `seeds` and
`diagram` write them down. Whoever renders an application stands on `spec` and `schema` alone.
"""
