"""The gateway's own tables and every transaction on them. Nothing here knows HTTP or a channel's formats."""
