"""Reporters: one report, one format, one module each."""
