"""Policies, templates and links: read, put together, validated."""
