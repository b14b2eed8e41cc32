"""Texts of the FAQ: read, changed under the same check as `ecrin kb check`, published, put back."""
