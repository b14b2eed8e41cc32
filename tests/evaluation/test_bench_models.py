"""What is trained beside Écrin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ecrin.evaluation import bench_models
from ecrin.evaluation.bench_models import DEFAULT_CONFIG, Trained, train_rasa_default
from ecrin.evaluation.labelled import Labelled

EXAMPLES = [Labelled("bonjour", "greet"), Labelled("où est mon colis", "track_order")]


@pytest.mark.parametrize("epochs", [None, 3])
def test_rasas_default_differs_from_its_own_pipeline_in_its_epochs_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, epochs: int | None
) -> None:
    given: list[str] = []

    def train(out: Path, options: Sequence[str]) -> Trained:
        given.extend(options)
        return Trained(out, 0.0)

    monkeypatch.setattr(bench_models, "train", train)
    train_rasa_default(EXAMPLES, tmp_path, epochs=epochs)
    config = YAML(typ="safe").load(Path(given[given.index("--config") + 1]))
    own = YAML(typ="safe").load(DEFAULT_CONFIG)
    for part in (*own["pipeline"], *own["policies"]):
        if "epochs" in part and epochs is not None:
            part["epochs"] = epochs
    assert config == own
    data = Path(given[given.index("--data") + 1]).read_text(encoding="utf-8")
    assert all(example.text in data for example in EXAMPLES)
