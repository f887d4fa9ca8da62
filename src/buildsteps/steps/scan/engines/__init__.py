"""Engines: one module each, all called the same way."""
