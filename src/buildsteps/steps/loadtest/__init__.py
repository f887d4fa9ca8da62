"""The load gate: one scenario, one set of thresholds, run here or on Distributed Load Testing."""
