"""`ecrin privacy …`: one customer's data told to them or erased, wherever it lies."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ecrin.settings import Settings
from gateway.console.audit import Action, note
from gateway.customer.erasing import erase, erase_orders
from gateway.customer.exporting import export
from gateway.customer.finding import Found, find
from gateway.customer.stores import Stores, Subject, SubjectError
from gateway.migrations import upgrade
from gateway.store.database import open_database

app = typer.Typer(no_args_is_help=True, help="One customer's data: exported, erased.")

_ACTOR = "ecrin privacy"

Email = Annotated[str, typer.Option("--email", help="The customer's e-mail address.")]
Phone = Annotated[str, typer.Option("--phone", help="The customer's phone number.")]
Conversation = Annotated[str, typer.Option("--conversation", help="The id of one conversation.")]


@app.command("export")
def export_customer(
    email: Email = "",
    phone: Phone = "",
    conversation: Conversation = "",
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file instead of standard output.")] = None,
) -> None:
    """Write everything kept of a customer as JSON: conversations, the bot's memory, the shop's orders."""
    with _looking(email, phone, conversation) as (stores, subject, found):
        reference, now = _reference(), datetime.now(UTC)
        told = export(stores, subject, found, at=now, reference=reference)
        _audit(stores, Action.CUSTOMER_EXPORTED, reference, now)
        text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
        if out:
            out.touch(mode=0o600)
            out.write_text(text, encoding="utf-8")
        else:
            typer.echo(text, nl=False)
        typer.echo(f"{reference}: {_count(found.proven)} exported", err=True)
        if found.named:
            typer.echo(
                f"{_count(found.named)} only name the e-mail, and may be somebody else's: read them in the console, then "
                "export each with --conversation",
                err=True,
            )


@app.command("erase")
def erase_customer(
    email: Email = "",
    phone: Phone = "",
    conversation: Conversation = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    orders: Annotated[bool, typer.Option("--orders", help="Delete Écrin's copy of the customer's orders too.")] = False,
) -> None:
    """Erase a customer from every store of the assistant. The orders are the shop's own record and stay."""
    with _looking(email, phone, conversation) as (stores, subject, found):
        if orders and subject.conversation:
            raise typer.BadParameter("--orders needs --email or --phone")
        what = _count(found.every) + (", and Écrin's copy of the orders" if orders else "")
        if not yes and not typer.confirm(f"Erase {what}? This cannot be undone"):
            raise typer.Exit(1)
        reference, now = _reference(), datetime.now(UTC)
        erase(stores, found, at=now)
        gone = erase_orders(stores, subject) if orders else None
        _audit(stores, Action.CUSTOMER_ERASED, reference, now)
        typer.echo(f"{reference}: {_count(found.every)} erased")
        if gone is None:
            typer.echo(
                "the orders are the shop's own record, which the law has it keep: they were not touched (--orders)"
            )
        else:
            typer.echo(
                f"{gone} orders deleted from Écrin's copy: the shop's own system, and its next import, still have them"
            )


@contextmanager
def _looking(email: str, phone: str, conversation: str) -> Iterator[tuple[Stores, Subject, Found]]:
    if sum(map(bool, (email, phone, conversation))) != 1:
        raise typer.BadParameter("give one of --email, --phone and --conversation")
    settings = Settings()
    database = open_database(settings.gateway_database)
    try:
        upgrade(database.engine)
        stores = Stores.over(settings, database)
        subject = Subject(email=email, phone=phone, conversation=conversation)
        try:
            found = find(stores, subject)
        except SubjectError as error:
            raise typer.BadParameter(f"this is no {error}") from error
        yield stores, subject, found
    finally:
        database.close()


def _audit(stores: Stores, action: Action, reference: str, now: datetime) -> None:
    with stores.database.writing() as session:
        note(session, actor=_ACTOR, action=action, subject=reference, at=now)


def _reference() -> str:
    """What the audit log and the answer to the customer have in common: it tells nothing of them."""
    return f"P-{secrets.token_hex(4)}"


def _count(conversations: tuple[str, ...]) -> str:
    return f"{len(conversations)} conversation{'' if len(conversations) == 1 else 's'}"
