"""``cedar-diff``: what two versions of a store decide differently."""
