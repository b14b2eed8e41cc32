"""One customer's data across every store: found by hash, exported, erased."""
