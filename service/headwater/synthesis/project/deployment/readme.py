"""Writes the README: what an application is, how it is run, who may do what, and what was taken for granted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from headwater.synthesis.project.deployment.kubernetes import SECRETS, VERSION
from headwater.synthesis.project.deployment.written import hyphenated, markdown
from headwater.synthesis.project.files import License, Plan, Target
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.spec import Action, Entity, Field, Scope, Standing

CHANGING = frozenset({RouteKind.UPDATE, RouteKind.DELETE})
MAY = frozenset({Scope.OWN, Scope.ALL})


def readme(plan: Plan) -> str:
    """Returns the README."""
    return "\n".join(_readme(plan)).rstrip() + "\n"


def _readme(plan: Plan) -> Iterator[str]:
    spec = plan.spec
    yield f"# {markdown(spec.title)}"
    yield ""
    if spec.description and spec.description != spec.title:
        yield markdown(spec.description)
        yield ""
    yield from _running(plan)
    yield from _kept(plan)
    yield from _rights(plan)
    yield from _calling(plan)
    yield from _deploying(plan)
    yield from _folders(plan)
    yield from _open(plan)
    chosen = plan.options.license
    yield "## Licence"
    yield ""
    yield "All rights reserved; see LICENSE." if chosen is License.PROPRIETARY else f"{chosen}; see LICENSE."


def _running(plan: Plan) -> Iterator[str]:
    needs = "Python 3.11 or later" + (" and Node 20.19 or later" if plan.options.frontend else "")
    yield f"It needs {needs}, and make."
    yield ""
    yield from _block(
        "make install   # sets everything up, with a secret of its own in .env",
        "make run       # http://localhost:8000",
    )
    page = "the application at <http://localhost:8000>, and " if plan.options.frontend else ""
    yield f"There is {page}the API at <http://localhost:8000/api/docs>."
    yield "`make test` runs all tests, `make seed` fills an empty database with rows to look at."
    if plan.spec.account is not None and any(each.standing is Standing.ADMIN for each in plan.spec.roles):
        yield "`make admin EMAIL=you@example.com` makes an administrator."
    yield "The settings are explained in `.env.example`."
    yield ""


def _kept(plan: Plan) -> Iterator[str]:
    yield "## What it keeps"
    yield ""
    yield from _table(("", "fields", "belongs to"), (_entity(plan, each) for each in plan.spec.entities))
    if plan.spec.features:
        kinds = ", ".join(str(each.kind) for each in plan.spec.features)
        yield f"Beyond that it has: {kinds}."
        yield ""
    yield "`docs/er.svg` draws it."
    yield ""


def _entity(plan: Plan, entity: Entity) -> tuple[str, ...]:
    fields = ", ".join(_field(each) for each in entity.fields)
    relations = ", ".join(f"`{each.name}` → {each.target}" for each in plan.spec.outgoing(entity.name))
    owner = " → ".join(entity.owner) or ("itself" if entity.account else "")
    return (f"**{entity.name}**", ", ".join(filter(None, (fields, relations))), owner)


def _field(field: Field) -> str:
    marks = [word for word, holds in (("required", field.required), ("unique", field.unique)) if holds]
    return f"`{field.name}`" + (f" ({', '.join(marks)})" if marks else "")


def _rights(plan: Plan) -> Iterator[str]:
    yield "## Who may do what"
    yield ""
    roles = plan.spec.roles
    heads = ("", *(markdown(each.label) for each in roles))
    rows = ((entity.name, *(_may(plan, entity, each.name) for each in roles)) for entity in plan.spec.entities)
    yield from _table(heads, rows)


def _may(plan: Plan, entity: Entity, role: str) -> str:
    row = plan.spec.permission(role, entity.name)
    scopes = {action: row.scope(action) for action in Action} if row else {}
    told = [f"{action} own" if scope is Scope.OWN else str(action) for action, scope in scopes.items() if scope in MAY]
    return ", ".join(told) or "nothing"


def _calling(plan: Plan) -> Iterator[str]:
    yield "## Calling it"
    yield ""
    if plan.spec.account is not None:
        yield "`POST /api/auth/login` gives a token, which goes into the header `Authorization: Bearer …`."
    yield "An error is `application/problem+json`: `detail` says what is wrong, `errors` with which fields."
    if any(each.kind in CHANGING for each in plan.interface.routes):
        pages = " The pages do so." if plan.options.frontend else ""
        yield "A row comes with its version in `ETag`. Sent as `If-Match` with a change or deletion, it keeps people"
        yield f"from overwriting each other: who comes second gets 412, and looks again.{pages}"
    yield ""


def _deploying(plan: Plan) -> Iterator[str]:
    targets, name = plan.options.targets, hyphenated(plan.spec.name)
    if not targets:
        return
    yield "## Deploying it"
    yield ""
    if Target.DOCKER in targets:
        yield from _block(f"docker build --file deploy/Dockerfile --tag {name}:{VERSION} .")
    if Target.COMPOSE in targets:
        yield "With a database beside it, whose password is in `.env` (`make .env` makes one):"
        yield ""
        yield from _block("docker compose --env-file .env --file deploy/compose.yaml up --build --wait")
    if Target.KUBERNETES in targets:
        yield "On Kubernetes, with the address of a database and a secret of its own, and your host in `ingress.yaml`:"
        yield ""
        literals = ["--from-literal=APP_DATABASE_URL=postgresql://USER:PASSWORD@HOST:5432/NAME"]
        if plan.spec.account is not None:
            literals.append('--from-literal=APP_SECRET_KEY="$(openssl rand -base64 48)"')
        made = f"kubectl create secret generic {SECRETS}"
        joined = " \\\n  ".join((made, *literals))
        applied = "kubectl apply --kustomize deploy/kubernetes"
        yield from _block(joined, applied, f"kubectl rollout status deployment/{name}")
        yield "A new version is pushed under a tag of its own, which `kustomization.yaml` names (`newTag`). A job"
        yield "cannot be changed, so the one that migrated goes first; new pods wait until the database is where they"
        yield "expect it:"
        yield ""
        yield from _block(
            f"kubectl delete job {name}-migrate --ignore-not-found",
            applied,
            f"kubectl rollout status deployment/{name}",
        )


def _folders(plan: Plan) -> Iterator[str]:
    yield "## Changing it"
    yield ""
    pages = ", pages and colours in `frontend/src/custom`" if plan.options.frontend else ""
    yield "What lies in a folder `generated` is written anew whenever the requirements change. What lies in a folder"
    yield "`custom` is yours, and is never written over: hooks around every change of a row in `backend/app/custom`,"
    yield f"tests in `backend/tests/custom`{pages}."
    yield ""
    yield from _migrations()
    yield from _packages(plan)


def _migrations() -> Iterator[str]:
    yield "### Migrations"
    yield ""
    yield "Those in `backend/migrations/versions` whose names begin with a number are generated: each new version of"
    yield "the requirements adds one, and leaves those before it as they are. Yours lie beside them:"
    yield ""
    yield from _block('make revision MESSAGE="adds a view of the last month"')
    yield "begins one that stands on all there are. A generated one that comes later goes on from the generated one"
    yield "before it, so there are two heads then: `make migrate` brings the database to all of them (it is `alembic"
    yield "upgrade heads`), yours first, and the next of yours stands on both again. What a generated table holds is"
    yield "best said in the requirements: a generated migration that changes a table rebuilds it on SQLite, without"
    yield "what one of yours put on it."
    yield ""


def _packages(plan: Plan) -> Iterator[str]:
    yield "### Packages"
    yield ""
    yield "`backend/requirements.txt` names what the application stands on, `backend/constraints.txt` the version of"
    yield "that and of everything that it needs in turn; pip goes by both."
    if plan.options.frontend:
        yield "`frontend/package-lock.json` fixes every package by its digest, whatever registry it comes from;"
        yield "`npm ci` installs these and no others."
    yield ""


def _open(plan: Plan) -> Iterator[str]:
    if plan.spec.questions:
        yield "## To be decided"
        yield ""
        for each in plan.spec.questions:
            yield f"- {markdown(each.text)} Taken meanwhile: {markdown(each.taken)}."
        yield ""
    if plan.spec.assumptions:
        yield "## What was taken for granted"
        yield ""
        yield from (f"- {markdown(each.text)}" for each in plan.spec.assumptions)
        yield ""


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _block(*lines: str) -> Iterator[str]:
    yield "```sh"
    yield from lines
    yield "```"
    yield ""
