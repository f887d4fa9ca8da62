"""Customers of the shop, with a planted defect."""

import pickle


def restored(backup: bytes) -> dict[str, str]:
    """A customer as a backup has it."""
    customer: dict[str, str] = pickle.loads(backup)
    return customer


def initials(name: str) -> str:
    """The first letters of a name."""
    return "".join(part[0] for part in name.split())
