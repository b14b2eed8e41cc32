"""Conversations a shop keeps to be played again before a text is published: none of a real customer's data in them."""
