"""The configuration itself: is it right, what is in force, and its schema for editors."""
