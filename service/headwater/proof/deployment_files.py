"""Looks at the files that deploy a project, each by itself: versions, privileges, and what no schema asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

PINNED = re.compile(r"^[^\s:@]+(?:/[^\s:@]+)*(?::(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$")
"""An image with a version."""
ACTION = re.compile(r"^(?:\./.*|[\w.-]+/[\w./-]+@(?:v\d[\w.]*|[0-9a-f]{40}))$")
"""An action with a version or a commit."""
NAME = re.compile(r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
INSTRUCTIONS = frozenset({
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "ONBUILD", "RUN",
    "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
})  # fmt: skip
SECRET = re.compile(r"\b(\w*(?:PASSWORD|SECRET|TOKEN|_KEY)\w*)=\S")
"""A setting that is kept from others, with a value."""
CONTROLLERS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Job"})
UNVERSIONED = frozenset({"Kustomization"})
Document = Mapping[str, Any]


def dockerfile(text: str) -> Iterator[str]:
    """Yields what is wrong with the recipe of an image: words, versions, secrets, its user, its health check."""
    lines = re.sub(r"\\\n\s*", "", "\n".join(each for each in text.splitlines() if not each.startswith("#")))
    words = [
        (word.upper(), rest.strip()) for word, _, rest in (each.partition(" ") for each in lines.splitlines() if each)
    ]
    yield from _worded(words)
    named = [re.split(r"\s+AS\s+", rest, flags=re.IGNORECASE) for word, rest in words if word == "FROM"]
    stages = {each[1] for each in named if len(each) > 1}
    arguments = {rest.partition("=")[0]: rest.partition("=")[2] for word, rest in words if word == "ARG"}
    for word, rest in words:
        base = re.sub(r"\$\{?(\w+)\}?", lambda found: arguments.get(found[1], found[0]), rest.split(" ")[0])
        if word == "FROM" and base not in stages and not PINNED.match(base):
            yield f"the image {base} has no version"
    final = words[max(number for number, (word, _) in enumerate(words) if word == "FROM") :] if named else []
    users = [rest for word, rest in final if word == "USER"]
    if not users or users[-1].split(":")[0] in {"root", "0"}:
        yield "the image runs as root"
    if not any(word == "HEALTHCHECK" for word, _ in final):
        yield "the image has no health check"
    if not any(word in {"CMD", "ENTRYPOINT"} for word, _ in final):
        yield "the image runs nothing"


def _worded(words: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yields words that a builder does not know, and those whose effect surprises."""
    for word, rest in words:
        if word not in INSTRUCTIONS:
            yield f"{word} is no instruction"
        elif word == "ADD":
            yield f"it adds {rest.split(' ')[0]}: COPY neither fetches nor unpacks"
        elif word in {"CMD", "ENTRYPOINT"} and not rest.startswith("["):
            yield f"a shell stands between {word} and the signals that stop it"
        elif word in {"ENV", "ARG"} and (secret := SECRET.search(rest)):
            yield f"the secret {secret[1]} is kept in the image"


def compose(document: Document) -> Iterator[str]:
    """Yields what is wrong with a compose file: services without an image, privileges, names that do not exist."""
    services: Mapping[str, Document] = document.get("services") or {}
    if not services:
        yield "there are no services"
    volumes = set(document.get("volumes") or {})
    for name, service in services.items():
        if not NAME.match(name):
            yield f"{name!r} is no name of a service"
        if not ({"image", "build"} & service.keys()):
            yield f"{name} has neither image nor build"
        image = str(service.get("image", "a:1"))
        if "$" not in image and not PINNED.match(image):
            yield f"the image {image} of {name} has no version"
        if service.get("privileged"):
            yield f"{name} is privileged"
        yield from _absent(name, service, set(services), volumes)


def _absent(name: str, service: Document, services: set[str], volumes: set[str]) -> Iterator[str]:
    for other in service.get("depends_on") or ():
        if other not in services:
            yield f"{name} depends on {other}, which does not exist"
    for mount in service.get("volumes") or ():
        named = cast("Document", mount).get("source", "./") if isinstance(mount, dict) else mount
        source = str(named).split(":", maxsplit=1)[0]
        if not source.startswith((".", "/", "$")) and source not in volumes:
            yield f"{name} mounts {source}, which does not exist"


def kubernetes(document: Document, tagged: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yields what is wrong with a manifest: its head, and for pods their privileges, probes and labels."""
    kind, named = str(document.get("kind")), cast("Document", document.get("metadata") or {})
    if not document.get("apiVersion") or kind == "None":
        yield "apiVersion or kind is missing"
        return
    if kind in UNVERSIONED:
        return
    if not NAME.match(str(named.get("name", ""))):
        yield f"the {kind} has no name that Kubernetes takes"
    if kind == "Secret" and any((document.get(each) or {}) for each in ("data", "stringData")):
        yield "a secret is written down"
    if kind in CONTROLLERS:
        yield from _pods(kind, cast("Document", document.get("spec") or {}), tagged)


def _pods(kind: str, spec: Document, tagged: frozenset[str]) -> Iterator[str]:
    template = cast("Document", spec.get("template") or {})
    pod = cast("Document", template.get("spec") or {})
    labels = cast("Document", (template.get("metadata") or {}).get("labels") or {})
    if kind != "Job":
        wanted = cast("Document", (spec.get("selector") or {}).get("matchLabels") or {})
        if not wanted or any(labels.get(name) != value for name, value in wanted.items()):
            yield f"the {kind} selects other labels than its pods have"
    outer = cast("Document", pod.get("securityContext") or {})
    for container in cast("list[Document]", pod.get("containers") or []):
        inner = cast("Document", container.get("securityContext") or {})
        name = container.get("name")
        if not (inner.get("runAsNonRoot") or outer.get("runAsNonRoot")):
            yield f"{name} may run as root"
        if inner.get("allowPrivilegeEscalation") is not False:
            yield f"{name} may gain privileges"
        image = str(container.get("image", ""))
        if image not in tagged and not PINNED.match(image):
            yield f"the image of {name} has no version"
        if kind == "Deployment":
            yield from (
                f"{name} has no {each}" for each in ("livenessProbe", "readinessProbe") if each not in container
            )
        if not container.get("resources"):
            yield f"{name} says nothing of what it needs"


def workflow(document: Document) -> Iterator[str]:
    """Yields what is wrong with a workflow: its head, what it may do, idle steps, actions without a version."""
    # YAML 1.1 reads the key `on` as a truth.
    if not (document.get("on") or cast("Mapping[object, Any]", document).get(True)):
        yield "it says not when it runs"
    if "permissions" not in document:
        yield "it may do all that its token may"
    jobs = cast("Mapping[str, Document]", document.get("jobs") or {})
    if not jobs:
        yield "it has no jobs"
    for name, job in jobs.items():
        if not job.get("runs-on"):
            yield f"{name} says not where it runs"
        for needed in [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs") or ():
            if needed not in jobs:
                yield f"{name} needs {needed}, which does not exist"
        yield from _steps(name, job)


def _steps(name: str, job: Document) -> Iterator[str]:
    for step in cast("list[Document]", job.get("steps") or []):
        if ("uses" in step) == ("run" in step):
            yield f"a step of {name} must either use or run something"
        if "uses" in step and not ACTION.match(str(step["uses"])):
            yield f"{step['uses']} has no version"
