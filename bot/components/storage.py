"""Reading and writing what a component learned. A missing resource is an error, never an untrained component."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import RasaException

_FILE = "component.pickle"


def save(model_storage: ModelStorage, resource: Resource, state: Any) -> None:
    """Write `state` into the model archive under `resource`."""
    with model_storage.write_to(resource) as folder:
        (Path(folder) / _FILE).write_bytes(pickle.dumps(state, protocol=pickle.HIGHEST_PROTOCOL))


def restore(model_storage: ModelStorage, resource: Resource) -> Any:
    """Read back what `save` wrote; `RasaException` when the archive does not hold it.

    The archive is one this project trained itself and is read from its own disk, so unpickling is safe.
    """
    try:
        with model_storage.read_from(resource) as folder:
            return pickle.loads((Path(folder) / _FILE).read_bytes())  # noqa: S301
    except (ValueError, FileNotFoundError) as error:
        raise RasaException(f"The model holds nothing for {resource.name}. Train again: make train.") from error


def fingerprint_of(paths: Iterable[Path]) -> str:
    """Return one digest over files a component reads by itself, so that Rasa's cache sees them change."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
