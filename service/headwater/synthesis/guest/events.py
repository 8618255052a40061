"""Writes what a search found as events."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any, Dict, Sequence

from .calls import TEMPLATES, Call, as_operand
from .hunts import Found, Kept
from .inventory import Target
from .names import Names


def cases(target: Target, found: Found, names: Names) -> Dict[str, Any]:
    """Writes what the search for a target brought as JSON."""
    return {
        "event": "cases",
        "symbol": target.symbol,
        "cases": [_case(each) for each in found.kept],
        "suspected": [
            {
                "reason": each.reason,
                "raised": each.raised,
                "case": _case(Kept(each.call, each.hoped, "", "", frozenset())),
            }
            for each in found.suspected
        ],
        "left_out": [
            {"reason": reason, "args": [text for text in call.args if text]} for reason, call in found.left_out.items()
        ],
        "names": {name: list(origin) for name, origin in names.origins.items()},
    }


def _case(kept: Kept) -> Dict[str, Any]:
    """Writes a kept call as JSON."""
    call, observation = kept.call, kept.observation
    return {
        "symbol": call.target.symbol,
        "style": call.target.style,
        "callee": call.target.callee,
        "owner": call.target.owner,
        "receiver": call.receiver,
        "before": list(call.before),
        "awaited": list(observation.played.awaited),
        "args": [
            {"name": parameter.name, "how": parameter.how, "text": text}
            for parameter, text in zip(call.target.parameters, _arguments(call))
        ],
        "wrap": observation.wrap,
        "checks": [list(each) for each in observation.checks],
        "error": observation.error,
        "message": observation.message,
        "output": observation.output,
        "errors": observation.errors,
        "changed": observation.changed,
        "basis": kept.basis,
        "basis_detail": kept.basis_detail,
        "fresh": len(kept.fresh),
        "telling": kept.telling,
    }


def _arguments(call: Call) -> Sequence[str]:
    """Returns the arguments of a call, as they stand in its template if it has one."""
    if call.target.style not in TEMPLATES:
        return call.args
    return [as_operand(text, call.target.callee, index) for index, text in enumerate(call.args)]
