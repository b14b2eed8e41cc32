"""A lead answers a customer who asks for their data, or asks to be forgotten."""
