"""Signing container images and verifying them: sign, verify, signatures, notation."""
