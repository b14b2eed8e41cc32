"""Licences of everything locked: `python -m supply_chain.licences` checks, `--write` writes `docs/licences.md` first.

What packages say of themselves comes from cyclonedx-py; `licences.yaml` says which licences fit, what those packages are under
that say nothing or something else, and what is locked for platforms other than this one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from supply_chain.locks import ENVIRONMENTS, ROOT, Environment, Pin, canonical, pins
from supply_chain.sbom import Bill, BillError, bill_of

PATH = Path(__file__).with_name("licences.yaml")
TABLE = ROOT / "docs" / "licences.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`accepted`: what packages may say, and what it means; `decided`: per package, where they say too little."""

    accepted: dict[str, str]
    decided: dict[str, dict[str, str]]
    document: str
    """The head of `docs/licences.md`."""


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One locked package; `licence` is empty where none could be found that fits."""

    pin: Pin
    environment: str
    licence: str
    said: tuple[str, ...] = ()


def load_policy(path: Path = PATH) -> Policy:
    """The file."""
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return Policy(accepted=content["accepted"], decided=content["decided"], document=content["document"])


def said_in(bill: Bill) -> dict[Pin, tuple[str, ...]]:
    """What each installed package says its licence is: SPDX ids and expressions, classifiers."""
    return {
        Pin(canonical(part["name"]), part["version"]): tuple(
            one.get("expression") or one["license"].get("id") or one["license"]["name"]
            for one in part.get("licenses", ())
        )
        for part in bill["components"]
    }


def rows(environment: Environment, said: dict[Pin, tuple[str, ...]], policy: Policy) -> tuple[Row, ...]:
    """Every pin of an environment with its licence.

    A package may be locked at a second version, for another platform: it says what the installed one says.
    """
    by_name = {pin.name: words for pin, words in said.items()}
    found = []
    for pin in pins(*environment.locks):
        words = said.get(pin, by_name.get(pin.name, ()))
        found.append(Row(pin, environment.name, _licence(pin, words, policy), words))
    return tuple(found)


def _licence(pin: Pin, said: Sequence[str], policy: Policy) -> str:
    if pin.name in policy.decided:
        return policy.decided[pin.name]["licence"]
    known = [policy.accepted[one] for one in said if one in policy.accepted]
    if not known or len(known) < len(said):
        return ""
    # A classifier often says less exactly what the SPDX id says; what says most comes first.
    exact = [one for one in known if one in said]
    return " / ".join(dict.fromkeys(exact or known))


def problems(found: Sequence[Row], policy: Policy) -> tuple[str, ...]:
    """What has to be decided: packages without a licence that fits, decisions nobody needs any more."""
    told = [
        f"{row.environment}: {row.pin.name} {row.pin.version} says {' and '.join(row.said) or 'nothing'}: "
        "accept that licence, or decide for the package, in licences.yaml"
        for row in found
        if not row.licence
    ]
    locked = {row.pin.name for row in found}
    told += [f"{name} is not locked any more: take it out of licences.yaml" for name in policy.decided.keys() - locked]
    return tuple(sorted(told))


def table(found: Sequence[Row], policy: Policy) -> str:
    """The document: one row a package, whatever the environments it is in."""
    places: dict[tuple[Pin, str], set[str]] = {}
    for row in found:
        places.setdefault((row.pin, row.licence), set()).add(row.environment)
    lines = [
        f"| {pin.name} | {pin.version} | {licence} | {', '.join(sorted(places[pin, licence]))} |"
        for pin, licence in sorted(places)
    ]
    head = ("| package | version | licence | environment |", "| --- | --- | --- | --- |")
    return "\n".join((policy.document, *head, *lines)) + "\n"


def main() -> None:
    """Check, and write the table when asked."""
    parser = argparse.ArgumentParser(prog="supply_chain.licences")
    parser.add_argument("--write", action="store_true", help="write docs/licences.md")
    options = parser.parse_args()
    policy = load_policy()
    try:
        found = [row for one in ENVIRONMENTS for row in rows(one, said_in(bill_of(one)), policy)]
    except BillError as error:
        sys.exit(str(error))
    told = list(problems(found, policy))
    if options.write:
        TABLE.write_text(table(found, policy), encoding="utf-8")
    elif not told and TABLE.read_text(encoding="utf-8") != table(found, policy):
        told.append("docs/licences.md is not what is locked: run 'make licences'")
    if told:
        sys.exit("\n".join(told))
    print(f"{len({row.pin for row in found})} packages, every licence known and fit")


if __name__ == "__main__":
    main()
