"""Registries: which digest a tag means, manifests, referrers, and credentials."""
