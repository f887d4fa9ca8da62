"""Whom we trust: the configuration, notation's trust policy made of it, and its lint."""
