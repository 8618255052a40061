"""Writes the manifests of a cluster: the application, its migration, its network and its limits.

Nothing of them is secret: `application-secrets` is made beside them, as the README says. The database is one that the
cluster's owner runs; the application only knows its address.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headwater.synthesis.project.deployment.containers import PORT, USER
from headwater.synthesis.project.deployment.written import documents, hyphenated
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind

SECRETS = "application-secrets"
SETTINGS = "application-settings"
VERSION = "0.1.0"
"""Of a project that nobody has released yet."""
PROXIES = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
"""Who is believed when he says for whom he asks: the addresses of clusters, so that clients are told apart."""
REPLICAS = (2, 6)
BUSY_PERCENT = 70
MIGRATION_SECONDS = 600
GRACE_SECONDS = 35
"""What requests that are under way have, and those that come meanwhile."""
AHEAD = "t locate revision"
"""What Alembic says of a revision that the database has and the code does not."""
POSTGRES_PORT = 5432
DNS_PORT = 53


def manifests(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yields the names and texts of the manifests, and the kustomization that joins them."""
    name = hyphenated(plan.spec.name)
    stored = plan.interface.route(RouteKind.UPLOAD) is not None
    found: dict[str, Any] = {
        "configmap": _object("v1", "ConfigMap", SETTINGS, data=_settings(plan)),
        "migration": _object("batch/v1", "Job", f"{name}-migrate", spec=_migration(name)),
        "deployment": _object("apps/v1", "Deployment", name, spec=_deployment(name, stored=stored)),
        "service": _object("v1", "Service", name, spec=_service(name)),
        "ingress": _object("networking.k8s.io/v1", "Ingress", name, spec=_ingress(name)),
        "autoscaler": _object("autoscaling/v2", "HorizontalPodAutoscaler", name, spec=_autoscaler(name)),
        "disruption": _object(
            "policy/v1",
            "PodDisruptionBudget",
            name,
            spec={"minAvailable": 1, "selector": {"matchLabels": _served(name)}},
        ),
        "network": _object("networking.k8s.io/v1", "NetworkPolicy", name, spec=_network(name)),
    }
    if stored:
        claim = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "10Gi"}}}
        found["storage"] = _object("v1", "PersistentVolumeClaim", f"{name}-files", spec=claim)
    for key, value in found.items():
        yield key, documents(value)
    joined = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [f"{key}.yaml" for key in found],
        "images": [{"name": name, "newTag": VERSION}],
    }
    yield "kustomization", documents(joined)


def _object(version: str, kind: str, name: str, **parts: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": {"app": name}}, **parts}


def _settings(plan: Plan) -> dict[str, str]:
    found = {"APP_LOG_LEVEL": "INFO", "APP_CORS_ORIGINS": "", "FORWARDED_ALLOW_IPS": PROXIES}
    if plan.spec.account is not None:
        found |= {"APP_TOKEN_MINUTES": "30", "APP_RATE_LIMIT": "30"}
    return found


def _container(name: str) -> dict[str, Any]:
    """Returns a container that may do nothing but its work."""
    return {
        "name": "application",
        "image": f"{name}:{VERSION}",
        "envFrom": [{"configMapRef": {"name": SETTINGS}}, {"secretRef": {"name": SECRETS}}],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
        "volumeMounts": [{"name": "temporary", "mountPath": "/tmp"}],  # noqa: S108 — the container's own
    }


def _pod(container: dict[str, Any], *volumes: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [{"name": "temporary", "emptyDir": {"sizeLimit": "256Mi"}}, *volumes],
        **parts,
    }


def _migration(name: str) -> dict[str, Any]:
    container = {**_container(name), "command": ["python", "-m", "app", "migrate"]}
    template = {"metadata": {"labels": {"app": name}}, "spec": _pod(container, restartPolicy="Never")}
    return {
        "backoffLimit": 3,
        "activeDeadlineSeconds": MIGRATION_SECONDS,
        "ttlSecondsAfterFinished": 3600,
        "template": template,
    }


def _deployment(name: str, *, stored: bool) -> dict[str, Any]:
    container = _container(name)
    container["ports"] = [{"name": "http", "containerPort": PORT}]
    # A pod that is told to stop serves on until nobody sends it anything any more.
    container["lifecycle"] = {"preStop": {"exec": {"command": ["sleep", "5"]}}}
    for probe, path, seconds, most in (
        ("startupProbe", "/health/live", 2, 30),
        ("readinessProbe", "/health/ready", 5, 3),
        ("livenessProbe", "/health/live", 10, 6),
    ):
        container[probe] = {
            "httpGet": {"path": path, "port": "http"},
            "periodSeconds": seconds,
            "timeoutSeconds": 3,
            "failureThreshold": most,
        }
    volumes: list[dict[str, Any]] = []
    if stored:
        container["volumeMounts"] = [*container["volumeMounts"], {"name": "files", "mountPath": "/data/files"}]
        volumes = [{"name": "files", "persistentVolumeClaim": {"claimName": f"{name}-files"}}]
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": _served(name)},
    }
    pod = _pod(
        container,
        *volumes,
        initContainers=[_waiting(name)],
        topologySpreadConstraints=[spread],
        terminationGracePeriodSeconds=GRACE_SECONDS,
    )
    # The autoscaler says how many there are: a number here would take it back with each rollout.
    return {
        "selector": {"matchLabels": _served(name)},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        "template": {"metadata": {"labels": _served(name)}, "spec": pod},
    }


def _waiting(name: str) -> dict[str, Any]:
    """Returns what holds a pod back until the database is where its code expects it; those of before serve on.

    A database that is ahead of the code lets it pass, or nobody could go back to the version before.
    """
    command = f"until alembic current --check-heads || alembic current 2>&1 | grep -q '{AHEAD}'; do sleep 2; done"
    return {**_container(name), "name": "migrated", "command": ["sh", "-c", command]}


def _served(name: str) -> dict[str, str]:
    """Returns the labels of the pods that answer requests; the migration's are none of them."""
    return {"app": name, "part": "server"}


def _service(name: str) -> dict[str, Any]:
    return {
        "selector": _served(name),
        "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
    }


def _ingress(name: str) -> dict[str, Any]:
    backend = {"service": {"name": name, "port": {"name": "http"}}}
    host = f"{name}.example.com"
    rule = {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    return {"tls": [{"hosts": [host], "secretName": f"{name}-tls"}], "rules": [rule]}


def _autoscaler(name: str) -> dict[str, Any]:
    usage = {"type": "Utilization", "averageUtilization": BUSY_PERCENT}
    return {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        "minReplicas": REPLICAS[0],
        "maxReplicas": REPLICAS[1],
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": usage}}],
    }


def _network(name: str) -> dict[str, Any]:
    """Returns a policy: requests come in, nothing goes out but to the database and to find its address."""
    return {
        "podSelector": {"matchLabels": {"app": name}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"ports": [{"protocol": "TCP", "port": PORT}]}],
        "egress": [
            {"ports": [{"protocol": "TCP", "port": POSTGRES_PORT}]},
            {"ports": [{"protocol": "UDP", "port": DNS_PORT}, {"protocol": "TCP", "port": DNS_PORT}]},
        ],
    }
