"""The agents' console: preview any answer, see why, take over, teach, change a text, look at the numbers."""
