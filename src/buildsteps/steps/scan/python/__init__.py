"""What bandit and ruff have in common: files, portions, places and comments of Python code."""
