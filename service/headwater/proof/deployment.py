"""Proves what a project is deployed by: each file against its schema, each by itself, and all of them together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import yaml

from headwater.proof.backend import SCRIPTS
from headwater.proof.checks import Check, Finding, Ground, judged, listed, not_run
from headwater.proof.deployment_cluster import cluster
from headwater.proof.deployment_files import UNVERSIONED, Document, compose, dockerfile, kubernetes, workflow
from headwater.proof.deployment_references import references
from headwater.proof.guest.schemas import ABSENT, MISSING
from headwater.proof.places import GUESTS, Program, python
from headwater.synthesis.project.files import File

SCHEMAS = GUESTS / "schemas.py"
UNKNOWN = "Couldn't find schema"
"""What kubernetes-validate says of a kind that it does not know, and passes."""


@dataclass(frozen=True, slots=True)
class _Read:
    """The files that deploy a project, and the documents in them that could be read, by what they are."""

    found: Sequence[File]
    composed: list[tuple[File, Document]] = field(default_factory=list[tuple[File, Document]])
    workflows: list[tuple[File, Document]] = field(default_factory=list[tuple[File, Document]])
    manifests: list[tuple[File, Document]] = field(default_factory=list[tuple[File, Document]])
    faults: list[str] = field(default_factory=list[str])


async def _deployment(ground: Ground) -> Finding:
    read = _read(ground.subject.files)
    if not read.found:
        return not_run("The project has no files to deploy it by.")
    own = listed(faults(ground.subject.files), f"{len(read.found)} files hang together.")
    if read.faults:
        return own
    schemas = await _schemas(ground, read)
    told = replace(schemas, said=f"{own.said}\n{schemas.said}", sha256="")
    return replace(told, status=own.status, reason=own.reason) if own.reason else told


def faults(files: Sequence[File]) -> list[str]:
    """Returns what no schema knows of: versions, privileges, and names of what does not exist."""
    return list(_faults(files, _read(files)))


def _faults(files: Sequence[File], read: _Read) -> Iterator[str]:
    yield from read.faults
    tagged = frozenset(str(image.get("name")) for _, each in read.manifests for image in _tagged(each))
    recipes = [each for each in read.found if each.path.endswith("/Dockerfile")]
    looked = [(file, dockerfile(file.text)) for file in recipes]
    looked += [(file, compose(each)) for file, each in read.composed]
    looked += [(file, workflow(each)) for file, each in read.workflows]
    looked += [(file, kubernetes(each, tagged)) for file, each in read.manifests]
    for file, found in looked:
        yield from (f"{file.path}: {fault}" for fault in found)
    yield from references(files, read.composed, read.workflows)
    yield from cluster(files, read.manifests)


def _read(files: Sequence[File]) -> _Read:
    read = _Read(found=[each for each in files if each.path.startswith(("deploy/", ".github/"))])
    for file in read.found:
        name = file.path.rsplit("/", maxsplit=1)[-1]
        if not name.endswith((".yaml", ".yml")):
            continue
        kind = read.composed if name.startswith("compose") else read.manifests
        kind = read.workflows if "/workflows/" in file.path else kind
        try:
            for document in yaml.safe_load_all(file.text):
                if isinstance(document, dict):
                    kind.append((file, cast("Document", document)))
                elif document is not None:
                    read.faults.append(f"{file.path}: is no mapping")
        except yaml.YAMLError as error:
            read.faults.append(f"{file.path}: {error}")
    return read


def _tagged(document: Document) -> Iterator[Document]:
    """Yields the images that get their version from a kustomization."""
    if document.get("kind") in UNVERSIONED:
        for image in cast("list[Document]", document.get("images") or []):
            if image.get("newTag", "latest") != "latest" or image.get("digest"):
                yield image


async def _schemas(ground: Ground, read: _Read) -> Finding:
    """Runs the tools that bring the schemas, and takes a kind that they do not know for a fault."""
    path = f"{SCRIPTS}/{SCHEMAS.name}"
    done = await ground.place.run(
        Program(
            argv=[python(ground.tools), path, json.dumps(list(_commands(read)))],
            seconds=ground.at_most(ground.limits.rung_seconds),
            files={path: SCHEMAS.read_text(encoding="utf-8")},
        )
    )
    if done.code in {0, MISSING} and UNKNOWN in done.output:
        done = replace(done, code=1)
    if done.code == MISSING:
        absent = [each.removesuffix(ABSENT) for each in done.output.splitlines() if each.endswith(ABSENT)]
        why = f"Not installed: {', '.join(absent)}. The files that it reads were held to no schema."
        return not_run(why.replace("_", "-"), judged(done))
    return judged(done, "a file has not the form that its schema asks for")


def _commands(read: _Read) -> Iterator[list[str]]:
    """Yields the words of each tool that there is something for."""
    for schema, of in (("compose-spec", read.composed), ("github-workflows", read.workflows)):
        if of:
            paths = dict.fromkeys(file.path for file, _ in of)
            yield ["check_jsonschema", "--builtin-schema", f"vendor.{schema}", *paths]
    manifests = dict.fromkeys(file.path for file, each in read.manifests if each.get("kind") not in UNVERSIONED)
    if manifests:
        yield ["kubernetes_validate", "--strict", *manifests]


DEPLOYMENT = Check(
    name="deployment",
    command=(
        "check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml; "
        "check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml; "
        "kubernetes-validate --strict deploy/kubernetes/*.yaml"
    ),
    run=_deployment,
    fast=True,
)
