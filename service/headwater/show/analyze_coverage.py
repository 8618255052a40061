"""How the events of AnalyzeCoverage read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.text import Text

from headwater.show.pen import Json, Lines, Pen, count


def doing(fields: Json) -> str:
    """Says in a line what the run does now."""
    total, done = fields.get("total_files", 0), fields.get("files_analyzed", 0)
    files = f", {done}/{total} files" if total else f", {count(done, 'file')}" if done else ""
    return f"{fields.get('message', '')}{files}"


def _start(fields: Json, pen: Pen) -> Lines:
    named = [
        f"{name} ({form})" for name, form in zip(fields.get("reports", ()), fields.get("formats", ()), strict=False)
    ]
    dot = f" {pen.sign('dot')} "
    kib = int(fields.get("size_kib", 0))
    size = f"{kib / _KIB_OF_A_MIB:.1f} MiB" if kib >= _KIB_OF_A_MIB else f"{kib} KiB"
    source = "with the source" if fields.get("source") else "without the source"
    yield pen.text((pen.some(named), "bold"), dot, size, dot, source)


def _progress(fields: Json, pen: Pen) -> Lines:
    yield pen.text((f"[{fields.get('percent', 0.0):3.0f}%] {doing(fields)}", "dim"))


def _file(fields: Json, pen: Pen) -> Lines:
    file: Json = fields.get("file", {})
    covered = f"{file.get('combined_coverage', 0.0):6.2f}%"
    yield pen.text((covered, "dim"), f" {file.get('file_path', '')}")


def _gap(fields: Json, pen: Pen) -> Lines:
    gap: Json = fields.get("gap", {})
    first, last = gap.get("line_start", 0), gap.get("line_end", 0)
    lines = str(first) if first == last else f"{first}-{last}"
    severity = str(gap.get("severity", ""))
    dot = f" {pen.sign('dot')} "
    never = f"never {gap['never']}" if gap.get("never") else ""
    facts = (str(gap.get("gap_type", "")).replace("_", " "), gap.get("symbol", ""), gap.get("condition", ""), never)
    told = [f"{dot}{fact}" for fact in facts if fact]
    yield pen.text(
        (f"{severity:8} ", _STYLES.get(severity, "")), (f"{gap.get('file_path', '')}:{lines}", "bold"), *told
    )


def _critical_path(fields: Json, pen: Pen) -> Lines:
    impact = str(fields.get("impact", ""))
    yield pen.text(
        (f"{impact:8} ", _STYLES.get(impact, "")), (str(fields.get("path", "")), "bold"), f": {fields.get('why', '')}"
    )


def _test(fields: Json, pen: Pen) -> Lines:
    case: Json = fields.get("test_case", {})
    gaps = len(fields.get("gaps", ()))
    gain = f"closes {count(gaps, 'gap')}" if gaps else "reaches more"
    closes = f" {gain} of {fields.get('file_path', '')}"
    yield pen.text((pen.sign("good"), "green"), " ", (str(case.get("test_name", "")), "bold"), closes)


def _complete(fields: Json, pen: Pen) -> Lines:
    yield Text("")
    met = fields.get("target_met", False)
    sign, style = ("good", "bold green") if met else ("bad", "bold red")
    target = f", of {fields['target_coverage']:g}% to reach" if fields.get("target_coverage") else ""
    overall = f"{pen.sign(sign)} {fields.get('overall_coverage', 0.0):.2f}% covered"
    yield pen.text((overall, style), target, (f" = {fields.get('formula', '')}", "dim"))
    parts = [
        f"{unit} {fields.get(f'{name}_coverage', 0.0):.2f}%"
        for unit, name in (("lines", "line"), ("branches", "branch"), ("functions", "function"))
        if f"{name}_coverage" in fields or unit in fields.get("counts", {})
    ]
    parts += [count(fields.get("total_gaps", 0), "gap"), count(len(fields.get("critical_paths", ())), "critical path")]
    files = f"{count(fields.get('total_files', 0), 'file')} in {fields.get('analysis_time_ms', 0.0) / 1000:.1f} s"
    yield pen.text(", ".join(parts), (f", {files}", "dim"))
    patch: Json | None = fields.get("patch")
    if patch is not None:
        yield pen.text(("Patch: ", "bold"), f"{patch.get('line_coverage', 0.0):.2f}% of the changed lines")


_KIB_OF_A_MIB = 1024
_STYLES: Mapping[str, str] = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}

LINES: Mapping[str, Callable[[Json, Pen], Lines]] = {
    "start": _start,
    "progress": _progress,
    "file": _file,
    "gap": _gap,
    "critical_path": _critical_path,
    "test": _test,
    "complete": _complete,
}
