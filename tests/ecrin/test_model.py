"""The model's fingerprint, and what is told when it cannot be trained."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from ecrin import model
from ecrin.model import ModelError, ensure_model, fingerprint, model_path, train
from ecrin.settings import Settings
from tests.processes import is_running


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one file of each kind the model is made from."""
    for name in ("data/nlu.yml", "bot/config.yml", "bot/components/a.py", "bot/requirements.lock"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("content", encoding="utf-8")
    vocabulary = tmp_path / "kb" / "vocabulary_fr.yaml"
    vocabulary.parent.mkdir()
    vocabulary.write_text("carrier: {}", encoding="utf-8")
    monkeypatch.setattr(model, "ROOT", tmp_path)
    return tmp_path


def rewrite(name: str) -> Callable[[Path], None]:
    def change(checkout: Path) -> None:
        (checkout / name).write_text("changed", encoding="utf-8")

    return change


def add(name: str) -> Callable[[Path], None]:
    def change(checkout: Path) -> None:
        (checkout / name).parent.mkdir(exist_ok=True)
        (checkout / name).write_text("new", encoding="utf-8")

    return change


def rename(checkout: Path) -> None:
    (checkout / "data/nlu.yml").rename(checkout / "data/other.yml")


@pytest.mark.parametrize(
    "change",
    [
        rewrite("data/nlu.yml"),
        rewrite("bot/config.yml"),
        rewrite("bot/components/a.py"),
        rewrite("bot/requirements.lock"),
        rewrite("kb/vocabulary_fr.yaml"),
        add("data/nlu/more.yml"),
        rename,
    ],
)
def test_whatever_the_model_is_made_from_changes_its_name(checkout: Path, change: Callable[[Path], None]) -> None:
    before = fingerprint()
    change(checkout)
    assert fingerprint() != before


@pytest.mark.parametrize("change", [add("kb/faq_fr.yaml"), add("data/README.md"), add("policies/returns.py")])
def test_what_it_is_not_made_from_does_not(checkout: Path, change: Callable[[Path], None]) -> None:
    before = fingerprint()
    change(checkout)
    assert fingerprint() == before


def test_a_model_that_is_there_is_not_trained_again(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(var=checkout / "var")
    path = model_path(settings)
    path.parent.mkdir(parents=True)
    path.touch()
    monkeypatch.setattr(model, "BOT_PYTHON", checkout / "missing")
    assert ensure_model(settings, progress=print) == path


def test_a_missing_environment_says_what_to_run(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "BOT_PYTHON", checkout / "missing")
    with pytest.raises(ModelError, match="make install"):
        train(Settings(var=checkout / "var"), progress=print)


def fake_python(folder: Path, script: str) -> Path:
    """A stand-in for the bot's Python; `$4` is the archive it is to make."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_failed_training_shows_its_last_words_and_leaves_no_model(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(var=checkout / "var")
    monkeypatch.setattr(model, "BOT_PYTHON", fake_python(checkout, "echo 'a broken example' >&2; exit 1"))
    with pytest.raises(ModelError, match="a broken example"):
        train(settings, progress=print)
    assert list(model_path(settings).parent.iterdir()) == []


def test_training_reports_each_stage_and_the_seconds(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = """echo '{"stage": "Encoder"}'; echo chatter; touch "$4"; echo '{"seconds": 12.5}'"""
    monkeypatch.setattr(model, "BOT_PYTHON", fake_python(checkout, script))
    stages: list[str] = []
    settings = Settings(var=checkout / "var")
    assert train(settings, progress=stages.append) == 12.5
    assert stages == ["Encoder"]
    assert model_path(settings).exists()


def test_an_interrupted_training_leaves_no_process(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"""echo $$ > {checkout}/pid; echo '{{"stage": "Encoder"}}'; exec sleep 600"""
    monkeypatch.setattr(model, "BOT_PYTHON", fake_python(checkout, script))

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(Settings(var=checkout / "var"), progress=interrupt)
    pid = int((checkout / "pid").read_text(encoding="utf-8"))
    try:
        assert not is_running(pid)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
