"""What follows from the decisions: why they came out so, and what the tests exercised."""
