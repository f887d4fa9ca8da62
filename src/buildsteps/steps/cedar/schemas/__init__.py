"""Schemas in both formats: handed to the engine, and read as data."""
