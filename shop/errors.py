"""Every error of the shop.

ShopError
├── ShopUnavailable     the database cannot be reached or does not answer; nothing was written
├── UnknownCustomer     a code or points for an e-mail no customer has; save an order of theirs first
├── NaiveInstant        an instant without time zone was about to be stored
├── InexactAmount       an amount with a fraction of a cent was about to be stored
└── OrdersFileError     demo or given order rows are wrong; `.problems` holds one line each
"""

from __future__ import annotations

from collections.abc import Sequence


class ShopError(Exception):
    """Root of the shop's errors."""


class ShopUnavailable(ShopError):
    """The database cannot be reached or refused the work. Nothing of the call was written; it may be tried again."""


class UnknownCustomer(ShopError, LookupError):
    """No customer has this e-mail."""


class NaiveInstant(ShopError, ValueError):
    """An instant without a time zone. Give it one at the edge; the shop never assumes."""


class InexactAmount(ShopError, ValueError):
    """An amount that is not a whole number of cents."""


class OrdersFileError(ShopError, ValueError):
    """Order rows that cannot be taken. `problems` are readable lines for a support lead."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
