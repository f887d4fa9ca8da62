"""``cedar-lint``: what is valid, and looks wrong."""
