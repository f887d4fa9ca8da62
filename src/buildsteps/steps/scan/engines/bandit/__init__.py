"""``bandit``: Python code, for security."""
