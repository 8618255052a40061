"""Writes what the frontend stands on: the packages, the page, the icon, and who the application is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.frontend import packages
from headwater.synthesis.project.frontend.api import members, roles_of
from headwater.synthesis.project.frontend.typescript import NOTICE, Value, literal, quoted
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.spec import Standing

HUES = (255, 195, 165, 285, 330, 225, 145)
"""The colours that applications begin with, by their names."""


def files(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yields the path and the text of each file."""
    spec = plan.spec
    name = packages.named(plan)
    yield "package.json", packages.package(name)
    yield "package-lock.json", packages.lock(name)
    yield "index.html", PAGE
    yield "public/favicon.svg", ICON.replace("$hue", str(_hue(spec.name)))
    about: Value = {"name": spec.name, "title": spec.title, "description": spec.description}
    roles = [each.name for each in spec.roles]
    anonymous = next(each.name for each in spec.roles if each.standing is Standing.ANONYMOUS)
    lines = [
        f"/** What the application is called. */\n{_constant('application', about)}",
        f"/** Who may use it. */\n{_constant('roles', roles)}",
        "export type Role = (typeof roles)[number];\n",
        f"/** The role of who is not signed in. */\nexport const anonymous: Role = {quoted(anonymous)};\n",
    ]
    if spec.account:
        lines.append(f"/** The roles that an account can have. */\n{_constant('members', list(members(spec)))}")
    yield "src/generated/application.ts", NOTICE + "\n".join(lines)


def names(plan: Plan) -> dict[str, str]:
    """Returns what stands for names in the files that are the same in every application."""
    account = plan.spec.account
    found = {
        f"{each}Roles": literal(roles_of(plan, kind), before=len(f"export const {each}Roles: readonly Role[] = "))
        for each, kind in (
            ("files", RouteKind.UPLOAD), ("search", RouteKind.SEARCH), ("dashboard", RouteKind.DASHBOARD),
        )
    }  # fmt: skip
    found["hue"] = str(_hue(plan.spec.name))
    if account is not None:
        found["accounts"], found["Account"] = account.plural, account.name
    return found


def _constant(name: str, value: Value) -> str:
    before = len(f"export const {name} = ")
    return f"export const {name} = {literal(value, before=before, after=len(' as const;'))} as const;\n"


def _hue(name: str) -> int:
    return HUES[hashlib.sha256(name.encode()).digest()[0] % len(HUES)]


PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
  </head>
  <body>
    <div id="root"></div>
    <noscript>This application needs JavaScript.</noscript>
    <script type="module" src="/src/main.tsx"></script>
  </body>
</html>
"""
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect
    x="7"
    y="7"
    width="18"
    height="18"
    rx="4"
    fill="hsl($hue 60% 45%)"
    transform="rotate(45 16 16)"
  />
</svg>
"""
