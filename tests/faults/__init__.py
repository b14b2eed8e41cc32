"""Real processes, broken: nothing accepted is lost, nothing is answered twice, and what happened can be read."""
