"""The errors of this room.

PolicyError
├── ValuesError        a file of `policies/values/` cannot be used; says which file, which key, and what to mend
└── NaiveInstantError  an instant without a time zone reached a rule; the caller must attach one
"""

from __future__ import annotations


class PolicyError(Exception):
    """Base of everything the rules and their values can raise."""


class ValuesError(PolicyError):
    """A value is missing, unknown, of the wrong type or not dated; `mend` tells the author what to write."""

    def __init__(self, *, file: str, key: str, mend: str) -> None:
        super().__init__(f"{file}: {key or '(whole file)'}: {mend}")
        self.file = file
        self.key = key
        self.mend = mend


class NaiveInstantError(PolicyError, ValueError):
    """A rule was handed a datetime without a time zone, which could be off by hours at a cutoff."""
