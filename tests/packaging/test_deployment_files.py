"""What an institution starts the service with: no secret, no moving version, nothing open to the network."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from riskscore.service.metrics import Metrics, Standing
from riskscore.service.settings import Settings

ROOT = Path(__file__).parents[2]
SERVING = ROOT / "serving"
COMPOSE = yaml.safe_load((SERVING / "compose.yaml").read_text("utf-8"))
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def environment(service: str) -> dict[str, str]:
    return COMPOSE["services"][service]["environment"]


def test_there_are_the_service_its_database_and_its_registry():
    assert set(COMPOSE["services"]) == {"postgres", "mlflow", "riskscore"}
    assert set(COMPOSE["services"]["riskscore"]["depends_on"]) == {"postgres", "mlflow"}


@pytest.mark.parametrize("name", ["postgres", "mlflow", "riskscore"])
def test_every_container_is_closed(name):
    service = COMPOSE["services"][name]
    image, _, tag = service["image"].partition(":")
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?(-[a-z0-9.-]+)?", tag), image
    assert int(service["user"].partition(":")[0]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"test", "interval", "timeout", "retries"} <= set(service["healthcheck"])
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert "privileged" not in service
    assert "network_mode" not in service
    assert not any("docker.sock" in volume for volume in service.get("volumes", []))


def test_a_port_is_published_where_docker_would_publish_it():
    for name, service in COMPOSE["services"].items():
        outward = [one for one in service["networks"] if not (COMPOSE["networks"][one] or {}).get("internal")]
        assert bool(service.get("ports")) == bool(outward), f"{name}: an internal network alone publishes no port"


def test_the_database_is_well_only_where_it_can_be_reached():
    # The server that makes the database answers on its socket, and nobody else can reach it.
    assert "--host=127.0.0.1" in COMPOSE["services"]["postgres"]["healthcheck"]["test"]


def test_a_killed_worker_is_started_again():
    # BentoML leaves it dead where this is in its environment, whatever the value.
    for file in (ROOT / "Dockerfile", SERVING / "compose.yaml", SERVING / "service.env.example"):
        assert "BENTOML_CONTAINERIZED" not in file.read_text("utf-8"), file


def test_a_password_file_reaches_a_database_that_was_restored_under_another_name():
    page = (ROOT / "docs" / "deployment.md").read_text("utf-8")
    lines = re.findall(r"(\S+):5432:(\S+):riskscore:", page)
    assert {host.strip("'\"") for host, _ in lines} == {"localhost", "postgres"}
    assert {database for _, database in lines} == {"*"}


def test_the_images_of_ours_are_this_release():
    assert COMPOSE["services"]["riskscore"]["image"] == f"riskscore:{VERSION}" == COMPOSE["services"]["mlflow"]["image"]
    assert f"riskscore:{VERSION}" in (ROOT / "Dockerfile").read_text("utf-8")


def test_no_secret_stands_in_a_file_that_is_kept():
    for name in ("postgres", "mlflow", "riskscore"):
        for key, value in environment(name).items():
            if re.search("PASSWORD|SECRET|TOKEN|KEY", key):
                assert key.endswith("_FILE"), key
                assert value.startswith("/run/secrets/")
            assert not re.search(r"://[^/@\s]*:[^/@\s]+@", value), "a password in an address"
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())
    kept = (ROOT / ".gitignore").read_text("utf-8")
    assert {"serving/secrets/", "serving/service.env", "serving/.env"} <= set(kept.splitlines())
    sent = (ROOT / ".dockerignore").read_text("utf-8")
    assert {"serving/secrets", "serving/service.env", "serving/.env"} <= set(sent.splitlines())


def test_every_setting_named_is_one_that_the_service_reads():
    known = {f"RISKSCORE_{name.upper()}" for name in Settings.model_fields}
    example = (SERVING / "service.env.example").read_text("utf-8")
    named = {*re.findall("^(RISKSCORE_[A-Z_]+)=", example, re.MULTILINE), *environment("riskscore")}
    assert {name for name in named if name.startswith("RISKSCORE_")} <= known


def test_a_bento_takes_riskscore_from_a_file_and_carries_what_the_service_reads():
    bento = yaml.safe_load((SERVING / "bentofile.yaml").read_text("utf-8"))
    ours = [package for package in bento["python"]["packages"] if "riskscore" in package]
    assert ours == [f"./wheels/riskscore-{VERSION}-py3-none-any.whl"]  # by its name it would be somebody else's
    carried = {path.split("/")[0] for path in bento["include"]}
    assert {"service.py", "policy.toml", "pages", "words", "wheels"} <= carried


def test_every_setting_is_in_the_page_on_deployment():
    page = (ROOT / "docs" / "deployment.md").read_text("utf-8")
    aliases = {"RISKSCORE_TRACKING_URI": "MLFLOW_TRACKING_URI"}
    names = [f"RISKSCORE_{name.upper()}" for name in Settings.model_fields]
    assert [name for name in names if f"| `{aliases.get(name, name)}` |" not in page] == []


def test_every_metric_that_an_alert_names_is_one_that_the_service_tells():
    metrics = Metrics()
    metrics.answered("/v1/scores", "POST", 201, 0.1)
    metrics.scored("member_default", "3", "C")
    metrics.refused("Not found")
    text = metrics.text(Standing(True, {"member_default": "3"}, 2, 10)).decode()
    told = set(re.findall(r"^(riskscore_[a-z_]+)", text, re.MULTILINE))
    rules = yaml.safe_load((SERVING / "monitoring" / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    assert len(rules) >= 8
    for rule in rules:
        assert {"alert", "expr", "for", "labels", "annotations"} == set(rule)
        assert set(re.findall(r"riskscore_[a-z_]+", rule["expr"].replace('job="riskscore"', ""))) <= told, rule["alert"]


def test_the_example_scrape_reads_the_rules_and_takes_its_token_from_a_file():
    scrape = yaml.safe_load((SERVING / "monitoring" / "prometheus.yml").read_text("utf-8"))
    assert scrape["rule_files"] == ["alerts.yml"]
    (job,) = scrape["scrape_configs"]
    assert job["metrics_path"] == "/metrics"
    assert set(job["authorization"]) == {"type", "credentials_file"}
