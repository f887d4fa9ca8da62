"""What a run measured: samples, distributions, a series over time."""
