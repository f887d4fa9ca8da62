"""``ruff``: Python code, for security and bugs."""
