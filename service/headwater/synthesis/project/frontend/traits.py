"""Tells what an application has, so that its pages are rendered with that and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.spec import RelationKind

KINDS = {
    RouteKind.SEARCH: "search", RouteKind.DASHBOARD: "dashboard", RouteKind.HISTORY: "history",
    RouteKind.EXPORT: "export", RouteKind.UPLOAD: "files",
}  # fmt: skip
"""The traits that routes bring."""
NEEDED = {
    "api/auth.ts": "account", "api/files.ts": "files", "api/search.ts": "search", "api/dashboard.ts": "dashboard",
    "api/history.ts": "history", "components/AccountMenu.tsx": "account", "components/FileInput.tsx": "files",
    "components/SearchBox.tsx": "search", "components/StoredFile.tsx": "files",
    "components/references.tsx": "references",
    "data/blobs.ts": "blobs", "pages/DashboardPage.tsx": "dashboard", "pages/HistorySection.tsx": "history",
    "pages/LoginPage.tsx": "account", "pages/ProfilePage.tsx": "account", "pages/RegisterPage.tsx": "account",
    "pages/RoleSection.tsx": "account", "pages/SearchPage.tsx": "search", "session/token.ts": "account",
    "tests/session.test.tsx": "account",
}  # fmt: skip
"""The files that only applications with a trait have."""


def traits(plan: Plan) -> frozenset[str]:
    """Returns what an application has."""
    return frozenset(_traits(plan))


def _traits(plan: Plan) -> Iterator[str]:
    kinds = {KINDS[each.kind] for each in plan.interface.routes if each.kind in KINDS}
    yield from kinds
    if kinds & {"files", "export"}:
        yield "blobs"
    if plan.spec.account:
        yield "account"
    if plan.spec.relations:
        yield "references"
    if any(each.kind is RelationKind.MANY_TO_MANY for each in plan.spec.relations):
        yield "many"
