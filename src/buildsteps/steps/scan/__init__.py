"""``scan``: findings of any engine, and which of them stop a build."""
