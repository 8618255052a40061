"""How the events of GenerateProject read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from headwater.show.pen import Json, Lines, Pen, count

ASSUMED = 8
"""How many assumptions are shown; the project's README lists all."""


def doing(fields: Json) -> str:
    """Says in a line what the run does now."""
    return f"{fields.get('phase', '')}: {fields.get('message', '')}"


def _start(fields: Json, pen: Pen) -> Lines:
    dot = f" {pen.sign('dot')} "
    writer = ":".join(filter(None, (fields.get("provider", ""), fields.get("model", ""))))
    size = f"{fields.get('requirement_characters', 0)} characters of requirements"
    yield pen.text(("Project", "bold"), dot, writer, dot, size, dot, f"proof {fields.get('proof', '')}")


def _progress(fields: Json, pen: Pen) -> Lines:
    yield pen.text((f"[{fields.get('progress', 0.0):3.0f}%] {doing(fields)}", "dim"))


def _phase_complete(fields: Json, pen: Pen) -> Lines:
    phase = str(fields.get("phase", ""))
    yield pen.text((f"{pen.sign('good')} ", "green"), (f"{phase:14}", "bold"), f" {fields.get('message', '')}")
    data: Json = fields.get("data", {})
    tell = _FOUND.get(phase)
    if tell is not None:
        yield from tell(data.get(phase, {}), pen)


def _analysis(data: Json, pen: Pen) -> Lines:
    spec: Json = data.get("spec", {})
    for entity in spec.get("entities", ()):
        fields = pen.some([each.get("name", "") for each in entity.get("fields", ())])
        yield pen.text("    ", (f"{entity.get('name', '')}", "bold"), (f"  {fields}", "dim"))
    roles = ", ".join(each.get("name", "") for each in spec.get("roles", ()))
    features = ", ".join(each.get("kind", "") for each in spec.get("features", ()))
    yield pen.text(("    roles     ", "dim"), roles)
    if features:
        yield pen.text(("    features  ", "dim"), features)
    assumed = [str(each.get("text", "")) for each in spec.get("assumptions", ())]
    for text in assumed[:ASSUMED]:
        yield pen.text(("    assumed   ", "dim"), text)
    if len(assumed) > ASSUMED:
        yield pen.text(("    assumed   ", "dim"), (f"{len(assumed) - ASSUMED} more, listed in README.md", "dim"))
    for each in spec.get("questions", ()):
        yield pen.text(("    ? ", "yellow"), f"{each.get('text', '')} ", (f"Taken: {each.get('taken', '')}", "dim"))


def _backend(data: Json, pen: Pen) -> Lines:
    """Sums up what was told hook by hook."""
    hooks = data.get("hooks", ())
    if hooks:
        kept = sum(each.get("status") == "accepted" for each in hooks)
        yield pen.text(("    hooks     ", "dim"), f"{kept} kept, {len(hooks) - kept} left out")


def _hook(fields: Json, pen: Pen) -> Lines:
    accepted = fields.get("status") == "accepted"
    sign, style = ("good", "green") if accepted else ("dot", "yellow")
    yield pen.text((f"{pen.sign(sign)} ", style), (str(fields.get("name", "")), "bold"), f"  {fields.get('rule', '')}")
    if not accepted:
        yield pen.text(
            (f"    left out: {fields.get('reason', '')}  ", "yellow"), (str(fields.get("message", "")), "dim")
        )


def _file_end(fields: Json, pen: Pen) -> Lines:
    change = str(fields.get("change", ""))
    if change in _CHANGES:
        yield pen.text((f"  {change} ", "dim"), str(fields.get("path", "")))


def _file_removed(fields: Json, pen: Pen) -> Lines:
    yield pen.text(("  removed ", "dim"), str(fields.get("path", "")))


def _rung(fields: Json, pen: Pen) -> Lines:
    status = str(fields.get("status", ""))
    sign, style = _STATES.get(status, ("dot", ""))
    name = f"{fields.get('name', ''):22}"
    seconds = f" {fields.get('seconds', 0.0):6.1f} s " if status != "not_run" else f" {'not run':>8} "
    said = fields.get("reason") or fields.get("command", "")
    yield pen.text((f"{pen.sign(sign)} ", style), name, (seconds, "dim"), str(said))
    if status == "failed":
        for line in str(fields.get("evidence", "")).splitlines()[-_EVIDENCE:]:
            yield pen.text(("    ", ""), (line, "dim"))


def _complete(fields: Json, pen: Pen) -> Lines:
    result: Json = fields.get("result", {})
    success = result.get("success", False)
    sign, style = ("good", "bold green") if success else ("bad", "bold red")
    yield pen.text((f"{pen.sign(sign)} {fields.get('message', '')}", style))
    size = sum(each.get("bytes", 0) for each in result.get("manifest", ()))
    files = count(len(result.get("manifest", ())), "file")
    usage: Json = result.get("usage", {})
    if usage:
        cost = f", {result['cost_usd']:.4f} USD" if "cost_usd" in result else ""
        yield pen.text((f"  {usage.get('input', 0)} tokens in, {usage.get('output', 0)} out{cost}", "dim"))
    yield pen.text((f"  {files}, {size / 1024:.0f} KiB, project {result.get('project_id', '')}", "dim"))


_EVIDENCE = 8
"""Lines of what a rung that failed printed."""
_CHANGES = frozenset({"added", "changed"})
"""What is told of a file: a new project is all new, and its files are counted in the end."""
_STATES = {"passed": ("good", "green"), "failed": ("bad", "bold red"), "not_run": ("dot", "yellow")}
_FOUND: Mapping[str, Callable[[Json, Pen], Lines]] = {"analysis": _analysis, "backend": _backend}
LINES: Mapping[str, Callable[[Json, Pen], Lines]] = {
    "start": _start,
    "phase_progress": _progress,
    "phase_complete": _phase_complete,
    "file_end": _file_end,
    "file_removed": _file_removed,
    "hook": _hook,
    "proof_rung": _rung,
    "complete": _complete,
}
