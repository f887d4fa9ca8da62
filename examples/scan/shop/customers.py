"""Customers of the shop, with a planted defect."""

import hashlib


def stored(password: str) -> str:
    """The password as the shop keeps it."""
    return hashlib.md5(password.encode()).hexdigest()


def initials(name: str) -> str:
    """The first letters of a name."""
    return "".join(part[0] for part in name.split())
