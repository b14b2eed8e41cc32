"""The regression conversations of a shop: kept, found, deleted, written to a scenario file and read from one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ecrin import scenario_file
from ecrin.scenario_file import ScenarioError
from gateway.console.audit import Action, note
from gateway.console.regressions.anonymous import real_addresses
from gateway.console.regressions.keep import TEXTS_MOST
from gateway.console.tables import Regression
from gateway.store.tables import Channel
from shop.errors import OrdersFileError
from shop.order_rows import Reading
from shop.orders_file import records_from_data

MOST = 300
"""Each is played twice before a text is published."""
TEXT_MOST = 5000
"""Characters of a message: more than the bot reads, since what it does then may be worth keeping too."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{1,63}")


class CannotKeep(ValueError):
    """A scenario is refused: `key` names the sentence in `texts_fr.yaml`, `details` what it is about."""

    def __init__(self, key: str, details: tuple[str, ...] = ()) -> None:
        super().__init__(key)
        self.key = key
        self.details = details


def checked(item: Mapping[str, Any], *, reading: Reading) -> dict[str, Any]:
    """The scenario as it is stored: plain JSON; CannotKeep when it cannot be played or may hold somebody's data."""
    try:
        read = scenario_file.read(item)
        records_from_data(orders=list(read.orders), reading=reading)
    except OrdersFileError as error:
        raise CannotKeep("bad_orders", tuple(str(error).splitlines())) from error
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        raise CannotKeep("bad_scenario", (str(item.get("id", "?")), str(error))) from error
    if not _NAME.fullmatch(read.id):
        raise CannotKeep("bad_scenario_name", (read.id,))
    if not 0 < len(read.turns) <= TEXTS_MOST or any(not 0 < len(turn.user) <= TEXT_MOST for turn in read.turns):
        raise CannotKeep("bad_turns", (read.id,))
    if read.channel not in set(Channel):
        raise CannotKeep("bad_scenario", (read.id, read.channel))
    stored: dict[str, Any] = _plain(item)
    if found := real_addresses(stored):
        raise CannotKeep("personal_data", found)
    return stored | {"id": read.id, "now": read.now.isoformat()}


def keep(session: Session, item: Mapping[str, Any], *, reading: Reading, author: str, now: datetime) -> Regression:
    """Keep a scenario, in the place of an older one of its name; CannotKeep when it will not do."""
    stored = checked(item, reading=reading)
    found = session.scalars(select(Regression).where(Regression.name == stored["id"])).one_or_none()
    if found is None:
        if (session.scalar(select(func.count(Regression.id))) or 0) >= MOST:
            raise CannotKeep("too_many_regressions", (str(MOST),))
        found = Regression(name=stored["id"])
        session.add(found)
    found.scenario, found.author, found.at = stored, author, now
    session.flush()
    return found


def every(session: Session) -> Sequence[Regression]:
    """All of them by name."""
    return session.scalars(select(Regression).order_by(Regression.name)).all()


def delete(session: Session, *, regression_id: int, actor: str, now: datetime) -> bool:
    """Forget one; False when it is gone already."""
    found = session.get(Regression, regression_id)
    if found is None:
        return False
    note(session, actor=actor, action=Action.REGRESSION_DELETED, subject=found.name, at=now)
    session.delete(found)
    return True


def free_name(session: Session, wanted: str) -> str:
    """A name that is not taken, made from a wish."""
    base = re.sub(r"[^a-z0-9]+", "_", wanted.lower()).strip("_")[:40] or "conversation"
    taken = set(session.scalars(select(Regression.name).where(Regression.name.startswith(base, autoescape=True))))
    numbered = (base if number == 1 else f"{base}_{number}" for number in range(1, MOST + 2))
    return next(name for name in numbered if name not in taken)


def as_file(regressions: Sequence[Regression]) -> str:
    """A scenario file that `ecrin scenario` plays."""
    return scenario_file.written([one.scenario for one in regressions])


def from_file(session: Session, text: str, *, reading: Reading, author: str, now: datetime) -> int:
    """Keep every scenario of a file, all or none; how many there were."""
    try:
        items = scenario_file.items(text, name="")
    except ScenarioError as error:
        raise CannotKeep("bad_file", (str(error).removeprefix(": ").removeprefix(", "),)) from error
    for item in items:
        keep(session, item, reading=reading, author=author, now=now)
    note(session, actor=author, action=Action.REGRESSIONS_IMPORTED, subject=str(len(items)), at=now)
    return len(items)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
