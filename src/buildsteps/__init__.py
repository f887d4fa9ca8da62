"""Delivery gates for AWS pipelines: one command, one report, one exit-code contract."""

__version__ = "0.1.0"
