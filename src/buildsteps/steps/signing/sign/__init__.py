"""sign: with which key, what is signed already, and whether the new signature verifies."""
