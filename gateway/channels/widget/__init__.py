"""The shop's own chat: a page that reads its messages itself, so that its outbox is the conversation."""
