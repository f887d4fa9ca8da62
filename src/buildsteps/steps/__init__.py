"""The steps: one folder a subject, none knowing another."""
