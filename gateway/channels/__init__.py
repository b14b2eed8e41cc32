"""One package a channel, with the same inner names: `receive` and `send` models, pure `convert`, `routes`."""
