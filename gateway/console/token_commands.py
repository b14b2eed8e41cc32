"""`ecrin token …`: keys to the console's API, made, listed and ended in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from ecrin.settings import Settings
from gateway.clock import utc_now
from gateway.console import tokens
from gateway.console.pages import when
from gateway.console.tables import Role

app = typer.Typer(no_args_is_help=True, help="Keys to the console's API.")


@app.command("create")
def create(
    role: Annotated[Role, typer.Option(help="What the key may do: agent or lead.")] = Role.AGENT,
    name: Annotated[str, typer.Option(help="What the key is for, shown in the list.")] = "",
) -> None:
    """Print a new API token for the console's API. It is shown this once."""
    typer.echo(tokens.create_token(Settings(), role, name=name))


@app.command("list")
def listed() -> None:
    """List every key: its beginning, role, name, when it was made and last used."""
    with tokens.keys(Settings()) as session:
        for one in tokens.every(session):
            used = f"last used {when(one.last_used_at)}" if one.last_used_at else "never used"
            ended = f"revoked {when(one.revoked_at)}" if one.revoked_at else "valid"
            typer.echo(
                f"{one.prefix}…  {one.role:5}  {ended}  made {when(one.created_at)}  {used}  {one.name}".rstrip()
            )


@app.command("revoke")
def revoke(prefix: Annotated[str, typer.Argument(help="The key's beginning, as `ecrin token list` shows it.")]) -> None:
    """End a key at once."""
    with tokens.keys(Settings()) as session:
        found = tokens.revoke(session, prefix=prefix.rstrip("…"), actor="ecrin", now=utc_now())
    if not found:
        typer.echo(f"ecrin: no valid key begins with {prefix}: see 'ecrin token list'", err=True)
        raise typer.Exit(1)
    typer.echo(f"{prefix} revoked")
