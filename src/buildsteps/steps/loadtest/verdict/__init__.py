"""What the measurements mean: is the run valid, do thresholds hold, is it slower than before?"""
