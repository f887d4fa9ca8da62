"""What the measurements mean: valid or not, within its thresholds, slower than before."""
