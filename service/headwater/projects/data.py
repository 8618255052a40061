"""Puts what a phase found into plain values, by the names of `projects.proto`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from headwater.projects import Hooked, Order
from headwater.synthesis.project import spec_json
from headwater.synthesis.project.complexity import Complexity
from headwater.synthesis.project.files import File, Plan
from headwater.synthesis.project.interface import Route
from headwater.synthesis.project.schema import Column, Table
from headwater.synthesis.project.spec import Scope, Spec

Data = Mapping[str, Any]
BACKEND = "fastapi"
FRONTEND = "react"
AUTH = "jwt"


def initialization(order: Order, digest: str, version: str) -> Data:
    """Returns what was fixed before the work."""
    options = order.options
    return {
        "provider": order.provider,
        "request_sha256": digest,
        "renderers": version,
        "backend": BACKEND,
        "frontend": FRONTEND if options.frontend else "none",
        "database": str(options.database),
        "auth": AUTH,
        "deployment": [str(each) for each in options.targets],
        "license": str(options.license),
        "seed": options.seed,
    }


def analysis(spec: Spec) -> Data:
    """Returns what the requirements say."""
    value = spec_json.to_value(spec)
    for entity in value["entities"]:
        entity["together"] = [{"names": each} for each in entity["together"]]
    return {
        "spec": value,
        "entities": len(spec.entities),
        "relations": len(spec.relations),
        "roles": len(spec.roles),
        "features": len(spec.features),
    }


def complexity(found: Complexity) -> Data:
    """Returns how big the application is, with the trace by which it can be counted again."""
    return {
        "cosmic": found.cosmic,
        "ifpug": found.ifpug.total,
        "level": str(found.level),
        "processes": [spec_json.to_value(each) for each in found.processes],
        "by_entity": [{"entity": entity, "cosmic": size} for entity, size in found.by_entity],
        "files": found.files,
        "tests": found.tests,
        "drivers": [spec_json.to_value(each) for each in found.drivers],
    }


def database(plan: Plan, files: Iterable[File]) -> Data:
    """Returns what the application keeps."""
    texts = {each.path: each.text for each in files}
    return {
        "tables": [_table(each) for each in plan.schema.tables],
        "mermaid": next((text for path, text in texts.items() if path.endswith(".mmd")), ""),
        "svg": next((text for path, text in texts.items() if path.endswith(".svg")), ""),
        "migrations": [path for path in texts if "/migrations/versions/" in path],
    }


def backend(plan: Plan, files: Iterable[File], hooks: Iterable[Hooked]) -> Data:
    """Returns what the application serves, and which of its rules are hooks."""
    return {
        "routes": [_route(each) for each in plan.interface.routes],
        "files": len(list(files)),
        "hooks": [hook(each) for each in hooks],
    }


def frontend(pages: Iterable[str], files: Iterable[File]) -> Data:
    """Returns what the application shows."""
    return {"pages": list(pages), "files": len(list(files))}


def deployment(plan: Plan, files: Iterable[File]) -> Data:
    """Returns how the application is deployed."""
    return {"targets": [str(each) for each in plan.options.targets], "files": len(list(files))}


def hook(decided: Hooked) -> Data:
    """Returns what was decided of a hook."""
    return {
        "name": decided.hook.name,
        "rule": decided.hook.rule,
        "status": "accepted" if decided.accepted else "left_out",
        "reason": decided.reason,
        "message": decided.message,
        "attempts": decided.attempts,
        "code": decided.hook.code,
        "tests": decided.hook.tests,
    }


def _table(table: Table) -> Data:
    return {
        "name": table.name,
        "columns": [_column(each) for each in table.columns],
        "foreign_keys": [f"{each.column} -> {each.table}" for each in table.foreign_keys],
        "indexes": [each.name for each in (*table.uniques, *table.indexes)],
    }


def _column(column: Column) -> str:
    length = f"({column.length})" if column.length else ""
    return f"{column.name}: {column.type}{length}{'' if column.nullable else ', required'}"


def _route(route: Route) -> Data:
    return {
        "method": route.method,
        "path": route.path,
        "operation": route.operation,
        "access": [f"{role}: {scope}" for role, scope in route.access if scope is not Scope.NONE],
    }
