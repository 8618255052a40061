"""Looks at what a project is deployed by: that each document has the form its reader expects, and is safe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

import yaml

from headwater.proof.checks import Check, Finding, Ground, listed, not_run
from headwater.synthesis.project.files import File

PINNED = re.compile(r"^[^\s:@]+(?:/[^\s:@]+)*(?::(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$")
"""An image with a version."""
ACTION = re.compile(r"^(?:\./.*|[\w.-]+/[\w./-]+@(?:v\d[\w.]*|[0-9a-f]{40}))$")
"""An action with a version or a commit."""
NAME = re.compile(r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
CONTROLLERS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Job"})
UNVERSIONED = frozenset({"Kustomization"})
Document = Mapping[str, Any]


async def _deployment(ground: Ground) -> Finding:
    found = [each for each in ground.subject.files if each.path.startswith(("deploy/", ".github/"))]
    if not found:
        return not_run("The project has no files to deploy it by.")
    tagged = frozenset(name for file in found for name in _tagged(file))
    faults = [f"{file.path}: {fault}" for file in found for fault in _faults(file, tagged)]
    return listed(faults, f"{len(found)} files have the form that their readers expect.")


def _faults(file: File, tagged: frozenset[str]) -> Iterator[str]:
    name = file.path.rsplit("/", maxsplit=1)[-1]
    if name == "Dockerfile":
        yield from dockerfile(file.text)
    elif name.endswith((".yaml", ".yml")):
        try:
            documents = _documents(file)
        except yaml.YAMLError as error:
            yield str(error)
            return
        for document in documents:
            if not isinstance(document, dict):
                yield "is no mapping"
            elif name.startswith("compose"):
                yield from compose(cast("Document", document))
            elif "/workflows/" in file.path:
                yield from workflow(cast("Document", document))
            else:
                yield from kubernetes(cast("Document", document), tagged)


def _documents(file: File) -> list[object]:
    return [each for each in yaml.safe_load_all(file.text) if each is not None]


def _tagged(file: File) -> Iterator[str]:
    """Yields the images that get their version from a kustomization."""
    if file.path.endswith(("kustomization.yaml", "kustomization.yml")):
        for document in cast("list[Document]", _documents(file)):
            for image in cast("list[Document]", document.get("images") or []):
                if image.get("newTag", "latest") != "latest" or image.get("digest"):
                    yield str(image.get("name"))


def dockerfile(text: str) -> Iterator[str]:
    """Yields what is wrong with the recipe of an image: versions, the user it runs as, the health check."""
    lines = re.sub(r"\\\n\s*", "", "\n".join(each for each in text.splitlines() if not each.startswith("#")))
    words = [
        (word.upper(), rest.strip()) for word, _, rest in (each.partition(" ") for each in lines.splitlines() if each)
    ]
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


DEPLOYMENT = Check(
    name="deployment", command="read Dockerfile, compose, manifests, workflow", run=_deployment, fast=True
)
