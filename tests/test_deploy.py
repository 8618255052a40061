"""What is deployed fits the service: the image builds from what it copies, and nothing asks for what does not exist."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import threading
import tomllib
import zipfile
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from headwater.config import Settings
from headwater.sandbox import Level

TOP = Path(__file__).parent.parent
DEPLOY = TOP / "deploy"


class Compose(yaml.SafeLoader):
    """Reads Compose's own tags too."""


Compose.add_constructor("!override", lambda loader, node: loader.construct_sequence(node))  # type: ignore[type-var]


def compose(name: str = "compose.yaml") -> dict[str, Any]:
    return yaml.load((DEPLOY / name).read_text(), Compose)


def services() -> dict[str, dict[str, Any]]:
    return compose()["services"]


def instructions() -> list[tuple[str, str]]:
    """Reads the Dockerfile: each instruction with its arguments, continued lines joined, comments dropped."""
    text = "\n".join(line for line in (DEPLOY / "Dockerfile").read_text().splitlines() if not line.startswith("#"))
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line)]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = [[]]
    for instruction in instructions():
        if instruction[0] == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found[1:]


def copied() -> list[Path]:
    """Names what the build takes from the repository."""
    return [
        Path(source)
        for word, rest in instructions()
        if word == "COPY" and "--from=" not in rest
        for source in shlex.split(rest)[:-1]
    ]


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for word, rest in stages()[-1] if word == "ENV" for pair in shlex.split(rest))


def health_commands() -> dict[str, list[str]]:
    (image,) = [rest.partition(" CMD ")[2] for word, rest in instructions() if word == "HEALTHCHECK"]
    return {"image": json.loads(image), "compose": services()["headwater"]["healthcheck"]["test"][1:]}


def test_the_image_builds_in_two_stages_from_pinned_bases() -> None:
    """The compiler's stage is left behind; no base is `latest`."""
    args = dict(rest.split("=") for word, rest in instructions() if word == "ARG")
    bases = [rest.replace("${PYTHON}", args["PYTHON"]) for word, rest in instructions() if word == "FROM"]
    assert len(bases) == 2
    for base in bases:
        assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+ AS \w+", base)
    assert [rest for word, rest in stages()[1] if word == "COPY"] == ["--from=build /opt/headwater /opt/headwater"]


def test_the_image_brings_what_a_fast_proof_needs_and_nothing_large_unless_asked() -> None:
    """The extras are an argument with the same default everywhere; each is declared, and their versions are pinned."""
    metadata = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    (default,) = [rest.partition("=")[2] for word, rest in instructions() if rest.startswith("EXTRAS=")]
    assert default == services()["headwater"]["build"]["args"]["EXTRAS"]
    extras = set(default.split(","))
    assert {"service", "projects"} <= extras <= metadata["optional-dependencies"].keys()
    wanted = {re.split(r"[\[>]", each)[0] for extra in extras for each in metadata["optional-dependencies"][extra]}
    assert not {"kubernetes-validate", "crosshair-tool"} & wanted
    (installed,) = [rest for word, rest in instructions() if word == "RUN" and "pip wheel" in rest]
    assert "--constraint constraints.txt" in installed
    assert "[${EXTRAS}]" in installed


def test_the_image_runs_as_nobody_in_particular_and_ends_when_told() -> None:
    """A numbered user, a health check, SIGTERM, the service's ports, and programs in exec form."""
    image = dict(stages()[-1])
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", image["USER"])
    assert image["STOPSIGNAL"] == "SIGTERM"
    assert image["EXPOSE"].split() == [environment()["HEADWATER_GRPC_PORT"], environment()["HEADWATER_HTTP_PORT"]]
    assert json.loads(image["ENTRYPOINT"])[-1] == "headwater"
    assert json.loads(image["CMD"]) == ["serve"]
    assert "bubblewrap" in image["RUN"]
    assert not re.search(r"\b(?:gcc|g\+\+|make|build-essential|curl)\b", image["RUN"])
    words = [word for word, _ in stages()[-1]]
    assert words.index("USER") > max(index for index, word in enumerate(words) if word in {"RUN", "COPY"})
    assert "ADD" not in {word for word, _ in instructions()}
    assert image["LABEL"].count("org.opencontainers.image.") >= 4


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build's context as the daemon gets to see it: what is copied, less what is ignored."""
    context = tmp_path_factory.mktemp("context")
    for source in copied():
        if (TOP / source).is_dir():
            shutil.copytree(TOP / source, context / source, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copy(TOP / source, context / source)
    return context


def test_the_wheel_builds_from_what_is_copied(context: Path, tmp_path: Path) -> None:
    """Nothing that the wheel needs is left out of the image, and it holds stubs, descriptor, templates and client."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=context, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("headwater-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    package = TOP / "service/headwater"
    expected = {
        f"headwater/{path.relative_to(package)}"
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    assert expected <= names
    assert any(name.startswith("headwater_client/") for name in names) == any(
        (TOP / "clients/python/headwater_client").glob("*.py")
    )


def test_what_is_copied_is_not_ignored() -> None:
    """The ignore file starts from nothing and lets in exactly what the Dockerfile copies."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert patterns[0] == "*"
    assert {Path(pattern[1:]) for pattern in patterns if pattern.startswith("!")} == set(copied())
    assert not any(fnmatch(str(path), pattern) for path in copied() for pattern in patterns[1:] if pattern[0] != "!")


@pytest.mark.parametrize("where", ["image", "compose"])
@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_tells_ready_from_not(where: str, status: int, code: int) -> None:
    """Run as it stands against a server that is ready, then one that is not."""

    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 — the parent's name
            pass

    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        command = [sys.executable, *health_commands()[where][1:]]
        env = os.environ | {"HEADWATER_HTTP_PORT": str(server.server_port), "http_proxy": "http://127.0.0.1:1"}
        done = subprocess.run(command, env=env, check=False, capture_output=True)
        thread.join()
    assert done.returncode == code


def test_the_health_check_fails_where_nobody_listens() -> None:
    """A refused connection is not health."""
    for command in health_commands().values():
        env = os.environ | {"HEADWATER_HTTP_PORT": "1"}
        assert subprocess.run([sys.executable, *command[1:]], env=env, check=False, capture_output=True).returncode == 1


def test_every_setting_that_is_named_exists() -> None:
    """In the image, in the environment file and in the runbook; what Compose itself reads is in Compose's file."""
    known = {f"HEADWATER_{name.upper()}" for name in Settings.model_fields}
    composed = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    for name in ("Dockerfile", ".env.example", "README.md", "compose.yaml", "compose.namespaces.yaml"):
        text = (DEPLOY / name).read_text()
        named = {each for each in re.findall(r"\bHEADWATER_[A-Z_]*[A-Z]\b", text) if each not in composed}
        assert named - known == set(), name
    assert {name for name in environment() if name.startswith("HEADWATER_")} <= known


def test_the_images_settings_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the service reads them, keys included."""
    for name in [name for name in os.environ if name.startswith("HEADWATER_")]:
        monkeypatch.delenv(name)
    for name, value in environment().items():
        if name.startswith("HEADWATER_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("HEADWATER_API_KEYS", "alice:one,bob:two")
    settings = Settings()
    assert (settings.host, settings.grpc_port, settings.http_port) == ("0.0.0.0", 50051, 8080)
    assert len(settings.api_keys) == 2


@pytest.mark.parametrize("name", [*services()])
def test_every_service_is_pinned_checked_and_held(name: str) -> None:
    """An image of a version, a health check, a user that is not root, no capabilities, and ports on loopback only."""
    service = services()[name]
    image, _, tag = service["image"].rpartition(":")
    assert image
    assert tag not in {"", "latest"}
    assert {"test", "interval", "timeout", "retries"} <= service["healthcheck"].keys()
    assert re.fullmatch(r"[1-9]\d*:\d+", str(service["user"]))
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_what_compose_refers_to_is_there() -> None:
    """Volumes are declared, mounted files exist, dependencies have a health check, and every variable is explained."""
    declared = compose()["volumes"]
    for service in services().values():
        for source, *_ in (volume.split(":") for volume in service["volumes"]):
            assert source in declared or (DEPLOY / source).exists()
        for other, condition in service.get("depends_on", {}).items():
            assert condition["condition"] == "service_healthy"
            assert "healthcheck" in services()[other]
    required = re.findall(r"\$\{(\w+):\?", (DEPLOY / "compose.yaml").read_text())
    assert required
    example = (DEPLOY / ".env.example").read_text()
    assert all(f"\n{name}=" in example for name in required)
    build = services()["headwater"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]) == DEPLOY / "../deploy/Dockerfile"


def test_the_service_may_write_only_where_it_must() -> None:
    """The rest is read-only; the journal is on a volume, and stopping takes longer than draining."""
    service = services()["headwater"]
    assert service["read_only"] is True
    folder = Path(environment()["HEADWATER_STORE"].removeprefix("sqlite://")).parent
    assert f"journal:{folder}" in service["volumes"]
    assert [mount.partition(":")[0] for mount in service["tmpfs"]] == ["/tmp"]
    assert int(service["stop_grace_period"].removesuffix("s")) > Settings.model_fields["drain_seconds"].default
    assert service["user"] == dict(stages()[-1])["USER"]


def test_the_namespaces_override_gives_what_namespaces_need_and_no_capability() -> None:
    """A profile of its own that refuses only what reaches the host, an unmasked /proc, and mounts."""
    (service,) = compose("compose.namespaces.yaml")["services"].values()
    assert Level(service["environment"]["HEADWATER_SANDBOX"]) is Level.NAMESPACES
    options = dict(option.split("=") for option in service["security_opt"] if "=" in option)
    assert (options["apparmor"], options["systempaths"]) == ("unconfined", "unconfined")
    assert "no-new-privileges:true" in service["security_opt"]
    assert "cap_add" not in service
    profile = json.loads((DEPLOY / options["seccomp"]).read_text())
    refused = {name for rule in profile["syscalls"] for name in rule["names"]}
    assert profile["defaultAction"] == "SCMP_ACT_ALLOW"
    assert {rule["action"] for rule in profile["syscalls"]} == {"SCMP_ACT_ERRNO"}
    assert not refused & {"clone", "clone3", "unshare", "mount", "umount2", "pivot_root", "setns", "seccomp"}
    assert not any(name.startswith("landlock") for name in refused)
    assert refused >= {"init_module", "finit_module", "kexec_load", "bpf", "keyctl", "open_by_handle_at", "reboot"}


def test_prometheus_finds_the_service_and_its_rules() -> None:
    """The job asks the port that the image listens on, and every rule file is there."""
    config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    (job,) = config["scrape_configs"]
    (found,) = job["dns_sd_configs"]
    assert job["metrics_path"] == "/metrics"
    assert str(found["port"]) == environment()["HEADWATER_HTTP_PORT"]
    assert set(found["names"]) <= set(services())
    assert all((DEPLOY / "prometheus" / name).is_file() for name in config["rule_files"])


def test_the_dashboard_is_whole() -> None:
    """Panels have ids, sources that are provisioned, and do not overlap."""
    source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text())["datasources"][0]
    panels = json.loads((DEPLOY / "grafana/dashboards/headwater.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert {panel["datasource"]["uid"] for panel in panels} == {source["uid"]}
    assert source["url"] == "http://prometheus:9090"
    cells = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in panels
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    provider = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/headwater.yaml").read_text())["providers"][0]
    mounts = {target: source for source, target, *_ in (each.split(":") for each in services()["grafana"]["volumes"])}
    assert (DEPLOY / mounts[provider["options"]["path"]] / "headwater.json").is_file()


def test_the_backup_of_the_runbook_works(tmp_path: Path) -> None:
    """The command as it stands, on a database that is in use."""
    (line,) = [line for line in (DEPLOY / "README.md").read_text().splitlines() if "VACUUM INTO" in line]
    code = shlex.split(line)[-1].replace("/var/lib/headwater", str(tmp_path))
    database = sqlite3.connect(tmp_path / "headwater.db")
    database.executescript("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (17);")
    subprocess.run([sys.executable, "-c", code], check=True)
    copy = sqlite3.connect(tmp_path / "backup.db")
    assert copy.execute("SELECT x FROM t").fetchall() == [(17,)]
    copy.close()
    database.close()


def test_the_environment_file_is_kept_out_of_the_repository() -> None:
    """The example is committed; what is filled in is not, and holds no value that would be used as it is."""
    assert ".env" in (DEPLOY / ".gitignore").read_text().splitlines()
    lines = (DEPLOY / ".env.example").read_text().splitlines()
    given = [line for line in lines if line and not line.startswith("#")]
    assert all(line.endswith("=") for line in given)
