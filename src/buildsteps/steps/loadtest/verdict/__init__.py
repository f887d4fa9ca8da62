"""What the measurements mean: a valid run, thresholds that hold, and no slower than before."""
