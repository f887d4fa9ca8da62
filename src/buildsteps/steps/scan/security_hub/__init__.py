"""Findings brought to Security Hub CSPM, in its format ASFF: new ones, updates, fixed ones."""
