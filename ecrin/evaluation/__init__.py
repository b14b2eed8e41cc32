"""Measures how well the assistant understands: evaluation, data check, benchmarks. Serving never imports it."""
