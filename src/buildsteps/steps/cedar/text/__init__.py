"""Cedar text: tokens, statements, and the place in them that a message of the engine means."""
