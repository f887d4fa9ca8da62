"""Fixtures of the real parts, for every test; pytest takes ``pytest_plugins`` from here only."""

pytest_plugins = ["tests.real_parts.fixtures"]
