"""Distributed Load Testing on AWS, versions 3 and 4: its API, and the life of a run."""
