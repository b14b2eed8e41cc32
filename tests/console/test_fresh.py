"""A text published from the console is said from the next message on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any, cast

from actions.fresh import FreshServices
from kb.faq import DEFAULT_PATH, Faq, load_faq


@dataclass(frozen=True)
class OnlyFaq:
    """Services of which the FAQ is all that is looked at."""

    faq: Faq


def test_the_file_of_this_moment_is_used_and_a_broken_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "faq_fr.yaml"
    copyfile(DEFAULT_PATH, path)
    first = load_faq(path)
    fresh = FreshServices(cast(Any, OnlyFaq(first)), path=path)
    assert fresh().faq is first
    path.write_text(path.read_text(encoding="utf-8") + "# relu\n", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    second = fresh().faq
    assert second.version != first.version
    path.write_text("entries: [", encoding="utf-8")
    os.utime(path, ns=(2, 2))
    assert fresh().faq is second
    path.unlink()
    assert fresh().faq is second
    copyfile(DEFAULT_PATH, path)
    assert fresh().faq.version == first.version
