"""cedar-format: the files, the pieces that are formatted, and what is said of them."""
