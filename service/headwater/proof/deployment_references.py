"""Looks whether what Dockerfile, compose file and workflow name exists: files, commands, settings, paths of probes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, cast

from headwater.proof.deployment_files import Document
from headwater.synthesis.project.files import File

APP = "backend/app/"
PREFIX = re.compile(r'APIRouter\((?:[^)]*\b)?prefix="([^"]*)"')
ROUTE = re.compile(r'@\w+\.get\(\s*"([^"]*)"')
COMMAND = re.compile(r'add_parser\(\s*"([\w-]+)"')
ASKED = re.compile(r"https?://(?:127\.0\.0\.1|localhost)(?::\d+)?(/[\w/.-]*)")
VARIABLE = re.compile(r"\$\{(\w+):?\?")
"""A variable without which compose does not start."""
READ = re.compile(r"--(?:requirement|file)[ =](\S+)")
"""A file that a step of a workflow reads."""


def references(
    files: Sequence[File], composed: Sequence[tuple[File, Document]], workflows: Sequence[tuple[File, Document]]
) -> Iterator[str]:
    """Yields what is named and does not exist."""
    paths = {each.path for each in files}
    texts = {each.path: each.text for each in files}
    for path, text in texts.items():
        if path.endswith("/Dockerfile"):
            yield from (f"{path}: {fault}" for fault in _built(text, texts))
    for file, document in composed:
        yield from (f"{file.path}: {fault}" for fault in _composed(file, document, texts))
    for file, document in workflows:
        for job in cast("Mapping[str, Document]", document.get("jobs") or {}).values():
            for step in cast("Sequence[Document]", job.get("steps") or ()):
                yield from (f"{file.path}: {fault}" for fault in _stepped(step, paths))


def served(texts: Mapping[str, str]) -> frozenset[str]:
    """Returns the paths that the application answers to whoever runs it."""
    found = set[str]()
    for path, text in texts.items():
        if path.startswith(APP) and path.endswith(".py"):
            prefix = PREFIX.search(text)
            found |= {f"{prefix[1] if prefix else ''}{each}" for each in ROUTE.findall(text)}
    return frozenset(found)


def unknown(words: object, texts: Mapping[str, str]) -> str:
    """Returns the command of the application that words call and that it does not have; empty if they call none."""
    listed = [str(each) for each in cast("Sequence[object]", words)] if isinstance(words, list) else str(words).split()
    called = " ".join(listed).partition("-m app ")[2].split()
    known = COMMAND.findall(texts.get(f"{APP}__main__.py", ""))
    return called[0] if called and called[0] not in known else ""


def settings(texts: Mapping[str, str]) -> frozenset[str]:
    """Returns the names of the settings that the example explains."""
    return frozenset(re.findall(r"(?m)^(\w+)=", texts.get(".env.example", "")))


def _built(text: str, texts: Mapping[str, str]) -> Iterator[str]:
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "COPY" and "--from" not in rest:
            for source in rest.split()[:-1]:
                if not _there(source, texts):
                    yield f"it copies {source}, which does not exist"
        elif word == "HEALTHCHECK":
            yield from _asked(rest, texts)
        elif word == "CMD" and (command := unknown(re.findall(r'"([^"]*)"', rest), texts)):
            yield f"it runs the command {command}, which the application does not have"


def _asked(text: str, texts: Mapping[str, str]) -> Iterator[str]:
    for path in ASKED.findall(text):
        if path not in served(texts):
            yield f"the health check asks for {path}, which is not served"


def _composed(file: File, document: Document, texts: Mapping[str, str]) -> Iterator[str]:
    services = cast("Mapping[str, dict[str, Any]]", document.get("services") or {})
    folder = PurePosixPath(file.path).parent
    for name, service in services.items():
        if isinstance(service.get("build"), dict):
            build = cast("Document", service["build"])
            recipe = _joined(folder / str(build.get("context", ".")), str(build.get("dockerfile", "")))
            if recipe not in texts:
                yield f"{name} is built by {recipe}, which does not exist"
        if command := unknown(service.get("command") or "", texts):
            yield f"{name} runs the command {command}, which the application does not have"
        for other, how in cast("Mapping[str, Document]", service.get("depends_on") or {}).items():
            waiting = isinstance(how, dict) and how.get("condition") == "service_healthy"
            if waiting and not ({"healthcheck", "build"} & services.get(other, {}).keys()):
                yield f"{name} waits until {other} is healthy, which it never says"
    for each in sorted(set(VARIABLE.findall(file.text)) - settings(texts)):
        yield f"{each} must be set, and .env.example does not name it"


def _stepped(step: Document, paths: set[str]) -> Iterator[str]:
    folder = str(step.get("working-directory") or ".")
    run = str(step.get("run") or "")
    texts = dict.fromkeys(paths, "")
    if folder != "." and not _there(folder, texts):
        yield f"a step works in {folder}, which does not exist"
    for source in READ.findall(run):
        if _joined(PurePosixPath(folder), source) not in paths:
            yield f"a step reads {source}, which does not exist"
    if re.search(r"\bnpm ci\b", run) and _joined(PurePosixPath(folder), "package-lock.json") not in paths:
        yield "a step installs what is locked, and there is no package-lock.json"
    cached = str(cast("Document", step.get("with") or {}).get("cache-dependency-path") or "")
    if cached and not any(PurePosixPath(each).match(cached) for each in paths):
        yield f"a step caches by {cached}, which does not exist"


def _there(source: str, texts: Mapping[str, str]) -> bool:
    name = source.removeprefix("./").rstrip("/")
    return name in {"", "."} or any(each == name or each.startswith(f"{name}/") for each in texts)


def _joined(folder: PurePosixPath, name: str) -> str:
    """Returns a path without the steps up and down in it."""
    parts: list[str] = []
    for part in (folder / (name or "Dockerfile")).parts:
        if part == ".." and parts:
            parts.pop()
        elif part not in {".", ".."}:
            parts.append(part)
    return "/".join(parts)
