"""Sizes as people read them."""


def size_text(size: float) -> str:
    """Bytes in decimal units: ``812 bytes``, ``3.4 MB``."""
    for unit, one in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= one:
            return f"{size / one:.1f} {unit}"
    return f"{size:g} bytes"
