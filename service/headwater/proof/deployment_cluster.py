"""Looks whether the manifests of a cluster find each other: labels, ports, settings, secrets, storage, probes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from headwater.proof.deployment_files import CONTROLLERS, UNVERSIONED, Document
from headwater.proof.deployment_references import served, settings, unknown
from headwater.synthesis.project.files import File

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
OURS = "APP_"
"""How the application's own settings begin."""


@dataclass(frozen=True, slots=True)
class _Cluster:
    """All manifests, and the files of the project."""

    texts: Mapping[str, str]
    documents: Sequence[tuple[File, Document]]

    def of(self, *kinds: str) -> list[Document]:
        """Returns the manifests of some kinds."""
        return [each for _, each in self.documents if each.get("kind") in kinds]

    def named(self, kind: str) -> set[str]:
        """Returns the names of the manifests of a kind."""
        return {_name(each) for each in self.of(kind)}

    def pods(self, *kinds: str) -> list[Document]:
        """Returns the templates of the pods of some controllers."""
        return [_at(each, "spec", "template") for each in self.of(*(kinds or CONTROLLERS))]

    def selected(self, labels: Mapping[str, object], *kinds: str) -> list[Document]:
        """Returns the templates that have all of some labels."""
        return [each for each in self.pods(*kinds) if labels.items() <= _at(each, "metadata", "labels").items()]


def cluster(files: Sequence[File], documents: Sequence[tuple[File, Document]]) -> Iterator[str]:
    """Yields what manifests name and do not find."""
    known = _Cluster({each.path: each.text for each in files}, documents)
    for file, document in documents:
        faults = _joined(file, document, known) if document.get("kind") in UNVERSIONED else _faults(document, known)
        yield from (f"{file.path}: {fault}" for fault in faults)


def _joined(file: File, document: Document, known: _Cluster) -> Iterator[str]:
    """Yields what a kustomization leaves out, and what it joins that is not there."""
    folder = file.path.rpartition("/")[0]
    there = {each.path.removeprefix(f"{folder}/") for each, _ in known.documents if each.path != file.path}
    listed = {str(each) for each in document.get("resources") or ()}
    yield from (f"it joins {each}, which does not exist" for each in sorted(listed - there))
    yield from (f"it leaves out {each}" for each in sorted(there - listed))
    used = {str(each.get("image")).split(":")[0] for pod in known.pods() for each in _containers(pod)}
    for image in cast("Sequence[Document]", document.get("images") or ()):
        if image.get("name") not in used:
            yield f"it gives {image.get('name')} a version, which nothing runs"


def _faults(document: Document, known: _Cluster) -> Iterator[str]:
    kind = str(document.get("kind"))
    if kind in CONTROLLERS:
        yield from _pod(_at(document, "spec", "template"), known)
    elif kind in LOOKS:
        yield from LOOKS[kind](document, known)


def _settings(document: Document, known: _Cluster) -> Iterator[str]:
    wanted = {each for each in _at(document, "data") if each.startswith(OURS)}
    yield from (f"{each} is no setting of .env.example" for each in sorted(wanted - settings(known.texts)))


def _scaled(document: Document, known: _Cluster) -> Iterator[str]:
    target = _at(document, "spec", "scaleTargetRef")
    kind, name = str(target.get("kind")), target.get("name")
    found = [each for each in known.of(kind) if _name(each) == name]
    if not found:
        yield f"it scales {kind} {name}, which does not exist"
    if any("replicas" in _at(each, "spec") for each in found):
        yield f"{name} has a number of replicas of its own, which each rollout goes back to"


def _counted(document: Document, known: _Cluster) -> Iterator[str]:
    labels = _at(document, "spec", "selector", "matchLabels")
    if not known.selected(labels) or known.selected(labels, "Job"):
        yield "it counts other pods than those that serve"


def _policy(document: Document, known: _Cluster) -> Iterator[str]:
    if not known.selected(_at(document, "spec", "podSelector", "matchLabels")):
        yield "it selects no pods"


def _service(document: Document, known: _Cluster) -> Iterator[str]:
    spec = _at(document, "spec")
    pods = known.selected(_at(spec, "selector"))
    if not pods or not spec.get("selector"):
        yield "it selects no pods"
        return
    open_ports = {port for pod in pods for each in _containers(pod) for port in _ports(each)}
    for port in cast("Sequence[Document]", spec.get("ports") or ()):
        if port.get("targetPort", port.get("port")) not in open_ports:
            yield f"it sends to the port {port.get('targetPort', port.get('port'))}, which no pod has"


def _ingress(document: Document, known: _Cluster) -> Iterator[str]:
    spec = _at(document, "spec")
    services = {_name(each): _at(each, "spec") for each in known.of("Service")}
    paths = [
        path for rule in cast("Sequence[Document]", spec.get("rules") or ()) for path in _rows(rule, "http", "paths")
    ]
    for path in paths:
        wanted = _at(path, "backend", "service")
        service, port = services.get(str(wanted.get("name"))), _at(wanted, "port")
        if service is None:
            yield f"it sends to {wanted.get('name')}, which does not exist"
        elif not any(port.items() <= {"name": each.get("name"), "number": each.get("port")}.items()
                     for each in _rows(service, "ports")):  # fmt: skip
            yield f"it sends to a port that {wanted.get('name')} does not have"


def _pod(pod: Document, known: _Cluster) -> Iterator[str]:
    volumes = {str(each.get("name")): each for each in _rows(pod, "spec", "volumes")}
    for volume in volumes.values():
        claim = _at(volume, "persistentVolumeClaim").get("claimName")
        if claim and claim not in known.named("PersistentVolumeClaim"):
            yield f"it claims the storage {claim}, which does not exist"
    for container in _containers(pod):
        name = container.get("name")
        yield from (f"{name} {fault}" for fault in _container(container, set(volumes), known))


def _container(container: Document, volumes: set[str], known: _Cluster) -> Iterator[str]:
    for mount in _rows(container, "volumeMounts"):
        if mount.get("name") not in volumes:
            yield f"mounts {mount.get('name')}, which does not exist"
    for source in _rows(container, "envFrom"):
        settings_of, secret = _at(source, "configMapRef").get("name"), _at(source, "secretRef").get("name")
        if settings_of and settings_of not in known.named("ConfigMap"):
            yield f"takes its settings from {settings_of}, which does not exist"
        made = f"create secret generic {secret}" in known.texts.get("README.md", "")
        if secret and not made and secret not in known.named("Secret"):
            yield f"takes its secrets from {secret}, which nothing makes"
    yield from _probes(container, known)
    if command := unknown(container.get("command") or "", known.texts):
        yield f"runs the command {command}, which the application does not have"
    if _at(container, "securityContext").get("readOnlyRootFilesystem") is not True:
        yield "may write to its own files"


def _probes(container: Document, known: _Cluster) -> Iterator[str]:
    for probe in PROBES:
        asked = _at(container, probe, "httpGet")
        if asked and asked.get("port") not in _ports(container):
            yield f"is asked at the port {asked.get('port')}, which it does not have"
        if asked and asked.get("path") not in served(known.texts):
            yield f"is asked for {asked.get('path')}, which is not served"


def _containers(pod: Document) -> list[Document]:
    return [*_rows(pod, "spec", "initContainers"), *_rows(pod, "spec", "containers")]


def _ports(container: Document) -> set[Any]:
    return {each.get(key) for each in _rows(container, "ports") for key in ("name", "containerPort")} - {None}


def _name(document: Document) -> str:
    return str(_at(document, "metadata").get("name"))


def _at(document: Document, *keys: str) -> dict[str, Any]:
    """Returns a part of a document, empty where it has none of that form."""
    found: Any = document
    for key in keys:
        found = cast("Document", found).get(key) if isinstance(found, dict) else None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _rows(document: Document, *keys: str) -> list[Document]:
    """Returns a list of parts of a document."""
    found = _at(document, *keys[:-1]).get(keys[-1])
    return (
        [cast("Document", each) for each in cast("list[Any]", found) if isinstance(each, dict)]
        if isinstance(found, list)
        else []
    )


LOOKS: Mapping[str, Callable[[Document, _Cluster], Iterator[str]]] = {
    "ConfigMap": _settings,
    "HorizontalPodAutoscaler": _scaled,
    "Ingress": _ingress,
    "NetworkPolicy": _policy,
    "PodDisruptionBudget": _counted,
    "Service": _service,
}
"""What is looked at in a manifest of each kind."""
