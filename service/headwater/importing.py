"""Says why a module under test cannot be imported, and how to supply what it lacks."""

from __future__ import annotations

from headwater.errors import Code, Problem, problem


def not_importable(module: str, *, kind: str, detail: str, missing: str = "", line: object = None) -> Problem:
    """Refuses a module whose import raises `kind`; `detail` is its message, `missing` the module that is not there."""
    where = f" (line {line})" if line else ""
    if missing:
        message = f"Importing {module} failed{where}: there is no module {missing!r} here."
        remedy = (
            "Name the interpreter of the project's own environment (--python, source.python), install the missing "
            f"requirement there, or send {missing!r} with the source."
        )
    else:
        message = f"Importing {module} failed{where}: {detail.strip() or kind}."
        remedy = "Mend the module, or name the interpreter of the project's own environment (--python, source.python)."
    return problem(
        Code.FAILED_PRECONDITION,
        "MODULE_NOT_IMPORTABLE",
        message,
        remedy,
        module=module,
        exception=kind,
        missing=missing,
        line=str(line or ""),
    )


def import_died(module: str, *, outcome: str, detail: str, seconds: float) -> Problem:
    """Refuses a module whose import never comes back: it runs out of its time, or ends the interpreter."""
    remedy = "Move what the module does at its top level into a function, or under `if __name__ == '__main__'`."
    if outcome == "timeout":
        message = f"Importing {module} did not end within {seconds:g} s."
        return problem(Code.FAILED_PRECONDITION, "IMPORT_TIMEOUT", message, remedy, module=module)
    message = f"Importing {module} ended the interpreter: {detail or outcome}."
    return problem(Code.FAILED_PRECONDITION, "IMPORT_CRASHED", message, remedy, module=module, outcome=outcome)
