"""The files under deploy/ name only what exists: commands, modules, settings, places, services."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from ecrin.cli import app
from ecrin.settings import ROOT, Settings
from gateway.tuning import PREFIX, Tuning

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")
EXAMPLE = dict(
    line.split("=", 1)
    for line in (DEPLOY / "ecrin.env.example").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)
SECRETS = ("ECRIN_BOT_TOKEN", "ECRIN_SESSION_SECRET", "ECRIN_SHOP_JWT_SECRET")


def is_known_setting(name: str) -> bool:
    """Whether the code reads a variable."""
    short = name.removeprefix("ECRIN_").lower()
    return short in Settings.model_fields or name.removeprefix(PREFIX).lower() in Tuning.__dataclass_fields__


def check_command(words: list[str]) -> None:
    """A command of ours, or a module of ours."""
    if words[0].endswith("/ecrin"):
        assert words[1] in get_command(app).commands, words  # type: ignore[attr-defined]
        return
    assert words[0].endswith("/python"), words
    if words[1] == "-m":
        assert importlib.util.find_spec(words[2]), words


def test_every_variable_is_a_setting() -> None:
    texts = [path.read_text(encoding="utf-8") for path in DEPLOY.rglob("*") if path.is_file()]
    named = {name for text in texts for name in re.findall(r"\bECRIN_[A-Z_]+\b", text)}
    assert named
    assert {name for name in named if not is_known_setting(name)} == set()


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_what_exists(unit: Path) -> None:
    lines = dict(line.split("=", 1) for line in unit.read_text(encoding="utf-8").splitlines() if "=" in line)
    check_command(lines["ExecStart"].split())


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_reads_a_unit(unit: Path, tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd is not installed")
    text = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(encoding="utf-8"))
    copy = tmp_path / unit.name
    copy.write_text(text, encoding="utf-8")
    done = subprocess.run([verify, "verify", str(copy)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_images_are_made_of_what_is_there_and_start_what_exists() -> None:
    for copied in re.findall(r"(?m)^COPY (.+)$", CONTAINERFILE):
        for place in copied.split()[:-1]:
            assert (ROOT / place).exists(), place
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make ([a-z.][\w/.-]*)", CONTAINERFILE):
        assert re.search(
            rf"(?m)^({re.escape(target)}|\$\(VENV\)/{re.escape(target.rpartition('/')[2])})\b.*:", makefile
        )
    for command in re.findall(r"CMD (\[.+\])", CONTAINERFILE):
        check_command([word if "/" not in word else f"/{word}" for word in json.loads(command)])
    assert "ecrin train" in CONTAINERFILE
    assert "train" in get_command(app).commands  # type: ignore[attr-defined]


def test_compose_names_only_what_it_has() -> None:
    services = COMPOSE["services"]
    stages = set(re.findall(r"(?m)^FROM \S+ AS (\w+)$", CONTAINERFILE))
    for name, service in services.items():
        assert set(service.get("depends_on", ())) <= set(services), name
        if "build" in service:
            assert service["build"]["target"] in stages
            assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).exists()
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (DEPLOY / source).exists() or source == "./certificates", volume


@pytest.mark.parametrize("service", ["bots", "gateway"])
def test_a_service_starts_with_the_settings_it_is_given(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**EXAMPLE, **COMPOSE["services"][service]["environment"]}.items():
        monkeypatch.setenv(name, ("s" * 32) if name in SECRETS else value)
    settings = Settings(_env_file=None)
    assert settings.environment == "production"
    if service == "gateway":
        assert len(settings.bot_addresses) == int(COMPOSE["services"]["bots"]["environment"]["ECRIN_BOTS"])
    port = int(re.findall(r"ECRIN_BOT_PORT=(\d+)", CONTAINERFILE)[0])
    assert all(f":{port + n}" in url for n, url in enumerate(settings.bot_urls))


def test_the_example_lets_no_secret_stay_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in EXAMPLE.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match="ECRIN_BOT_TOKEN, ECRIN_SESSION_SECRET, ECRIN_SHOP_JWT_SECRET"):
        Settings(_env_file=None)


def test_the_databases_of_the_example_are_made() -> None:
    made = set(re.findall(r"CREATE DATABASE (\w+);", (DEPLOY / "databases.sql").read_text(encoding="utf-8")))
    assert {url.rpartition("/")[2] for name, url in EXAMPLE.items() if name.endswith("DATABASE_URL")} == made


def test_the_proxy_lets_the_stream_through_and_believes_no_customer() -> None:
    proxy = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    stream = proxy[proxy.index("location /api/widget/stream") :].partition("}")[0]
    assert "proxy_buffering off;" in stream
    assert "X-Forwarded-For $remote_addr;" in proxy
