"""The files that name images: one module a kind, all alike."""
