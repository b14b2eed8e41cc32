"""The HTTP surface against its own description, with schemathesis' invented requests."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from tests.gateway.running import Running


def test_every_answer_is_one_it_describes(connected: Running) -> None:
    import schemathesis
    from schemathesis.core.result import Ok

    # The stream never ends by itself; it has tests of its own.
    schema = schemathesis.openapi.from_url(f"{connected.url}/openapi.json").exclude(path_regex="/stream$")
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) >= 12
    for operation in operations:
        _try(operation, connected)


def _try(operation: Any, connected: Running) -> None:
    from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance, unsupported_method

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        case.call_and_validate(
            headers={"Authorization": f"Bearer {connected.widget().token}"},
            # Blank texts and forged signatures are refused, and no schema can say so.
            excluded_checks=[ignored_auth, positive_data_acceptance, unsupported_method],
        )

    check()
