"""What the measurements mean: is the run valid, do the thresholds hold, is it slower than before."""
