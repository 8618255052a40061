"""How the events of GenerateTests read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from rich.text import Text

from headwater.show.pen import Json, Lines, Pen, count, ranges

SUSPECTED = "suspected_bug"
"""The verdict on what is shown apart: it tells about the code, not about the tests."""


def doing(fields: Json) -> str:
    """Says in a line what the run does now."""
    parts = [f"{fields.get('stage', '')}: {fields.get('message', '')}".strip(": ")]
    if fields.get("count"):
        parts.append(count(fields["count"], "test"))
    if fields.get("branches_total"):
        parts.append(f"{fields.get('branches_covered', 0)}/{fields['branches_total']} branches")
    return ", ".join(parts)


def _start(fields: Json, pen: Pen) -> Lines:
    writer = " ".join(filter(None, (fields.get("provider", ""), fields.get("model", ""))))
    dot = f" {pen.sign('dot')} "
    facts = (
        f"{fields.get('language', '')} with {fields.get('framework', '')}",
        f"written by {writer}",
        f"seed {fields.get('seed', 0)}",
        f"sandbox {fields.get('sandbox', '')}",
    )
    yield pen.text((str(fields.get("path", "") or fields.get("module", "")), "bold"), dot + dot.join(facts))


def _stage(fields: Json, pen: Pen) -> Lines:
    attempt = f" (attempt {fields['attempt']})" if fields.get("attempt", 0) > 1 else ""
    yield pen.text((f"[{fields.get('percent', 0.0):3.0f}%] {doing(fields)}{attempt}", "dim"))


def _test(fields: Json, pen: Pen) -> Lines:
    case: Json = fields.get("test_case", {})
    gain: Json = case.get("gain", {})
    basis = _short(case, "basis")
    gains = ", ".join(
        f"+{count(len(gain.get(unit, ())), name)}"
        for unit, name in (("lines", "line"), ("branches", "branch"))
        if gain.get(unit)
    )
    unverified = "not run" if _short(case, "verdict") == "unverified" else ""
    facts = [fact for fact in (case.get("symbol", ""), basis, gains, unverified) if fact]
    dot = f" {pen.sign('dot')} "
    mark = ("?", "yellow") if unverified else (pen.sign("good"), "green")
    yield pen.text(mark, " ", (str(case.get("test_name", "")), "bold"), *(dot + f for f in facts))


def _complete(fields: Json, pen: Pen) -> Lines:
    tests, found = int(fields.get("total", 0)), fields.get("dropped", ())
    suspected = [each for each in found if _short(each, "verdict") == SUSPECTED]
    dropped = [each for each in found if _short(each, "verdict") != SUSPECTED]
    yield Text("")
    sign, style = ("good", "bold green") if fields.get("success") else ("bad", "bold red")
    left_out = f", {len(dropped)} dropped" if dropped else ""
    name = fields.get("test_file_name", "")
    yield pen.text((f"{pen.sign(sign)} {count(tests, 'test')}", style), left_out, f" in {name}" if name else "")
    yield from _coverage(fields.get("coverage_estimate"), pen)
    yield from _suspected(suspected, pen)
    yield from _dropped(dropped, pen)
    yield from _how(fields.get("metadata", {}), pen)


def _coverage(found: Json | None, pen: Pen) -> Lines:
    if found is None:
        return
    parts: list[str] = []
    for unit, covered in (("line", "lines"), ("branch", "branches")):
        share = f"{found.get(f'{covered}_covered', 0)}/{found.get(f'{covered}_total', 0)}"
        parts.append(f"{unit} {found.get(unit, 0.0):.1f}% ({share})")
    formula = "(executed statements + taken branches) / (statements + branches)"
    combined = f"combined {found.get('combined', 0.0):.1f}%"
    yield pen.text(
        ("Coverage: ", "bold"), ", ".join([*parts, combined]), (f" = {formula}, {found.get('formula')}", "dim")
    )
    missing = [
        f"{what} {pen.some(items)}"
        for what, items in (
            ("lines", ranges(found.get("missing_lines", ()))),
            ("branches", [_branch(each, pen) for each in found.get("missing_branches", ())]),
        )
        if items
    ]
    if missing:
        yield pen.text(("Not covered: ", "bold"), "; ".join(missing))


def _dropped(dropped: Sequence[Json], pen: Pen) -> Lines:
    def verdict(each: Json) -> str:
        return _short(each, "verdict")

    for name, group in groupby(sorted(dropped, key=verdict), verdict):
        cases = list(group)
        yield pen.text(("Dropped, ", "bold"), (f"{name}: {len(cases)}", "bold"))
        for each in cases[: pen.most_listed]:
            yield pen.text(f"  {each.get('test_name', '')}: {each.get('reason', '')}")
        if len(cases) > pen.most_listed:
            yield pen.text((f"  and {len(cases) - pen.most_listed} more", "dim"))


def _suspected(found: Sequence[Json], pen: Pen) -> Lines:
    """Shows what looks like a bug, each with the test that fails as long as it is there."""
    if found:
        yield pen.text((f"Suspected bugs: {len(found)}", "bold yellow"), ", not in the file")
    for each in found[: pen.most_listed]:
        yield pen.text(f"  {each.get('test_name', '')}: {each.get('reason', '')}")
        yield from (pen.text((f"    {line}", "dim")) for line in str(each.get("test_code", "")).splitlines() if line)
    if len(found) > pen.most_listed:
        yield pen.text((f"  and {len(found) - pen.most_listed} more", "dim"))


def _how(metadata: Json, pen: Pen) -> Lines:
    """Says where the work stopped and how long it took."""
    stages: Json = metadata.get("stage_seconds", {})
    longest = sorted(stages.items(), key=lambda item: (-item[1], item[0]))
    spent = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in longest if seconds >= _SHOWN_SECONDS)
    stopped = str(metadata.get("stopped_by", "")).replace("_", " ")
    yield pen.text(("Stopped by: ", "bold"), stopped or "unknown")
    first = metadata.get("first_test_seconds", 0.0)
    parts = [
        f"{sum(stages.values()):.1f} s",
        f"({spent})" if spent else "",
        f"first test after {first:.1f} s" * (first > 0),
    ]
    yield pen.text(("Took: ", "bold"), " ".join(filter(None, parts[:2])), f", {parts[2]}" if parts[2] else "")


_SHOWN_SECONDS = 0.05
"""What rounds to less than a tenth of a second is not worth a word."""


def _short(fields: Json, name: str) -> str:
    """Shortens an enum's value: VERDICT_FLAKY becomes flaky."""
    return str(fields.get(name, "")).removeprefix(f"{name.upper()}_").lower().replace("unspecified", "")


def _branch(branch: Json, pen: Pen) -> str:
    to = int(branch.get("to_line", 0))
    return f"{branch.get('from_line', 0)}{pen.sign('to')}{to if to > 0 else 'exit'}"


LINES: Mapping[str, Callable[[Json, Pen], Lines]] = {
    "start": _start,
    "stage": _stage,
    "test": _test,
    "complete": _complete,
}
