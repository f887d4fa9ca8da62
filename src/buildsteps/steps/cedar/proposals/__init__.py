"""A first suite of tests, proposed from a store's schema and what its policies decide today."""
