"""The id that Distributed Load Testing knows a scenario by: the same for every run."""

import hashlib
import re

from buildsteps.results import Location
from buildsteps.steps.loadtest.scenario.remarks import Remarks

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_LENGTH = 10
_ALLOWED = re.compile(r"[a-zA-Z0-9-]{1,128}")
_HIDDEN = "region"


def stable_id(name: str) -> str:
    """Ten letters and digits made from the name: what DLT's console makes at random.

    So history and baseline of a scenario accumulate under one id. An id that contains "region"
    is left out of DLT's list of scenarios, so none is made.
    """
    for salt in range(100):
        number = int.from_bytes(hashlib.sha256(f"{salt}:{name}".encode()).digest())
        found = ""
        for _ in range(_LENGTH):
            number, index = divmod(number, len(_LETTERS))
            found += _LETTERS[index]
        if _HIDDEN not in found.lower():
            return found
    raise AssertionError("a hundred hashes that contain one word")


def check_id(test_id: str, place: Location | None, remarks: Remarks) -> None:
    """Note what DLT would refuse of an id, or hide."""
    if not _ALLOWED.fullmatch(test_id):
        remarks.wrong(
            "a test id is 1 to 128 letters, digits and dashes; without one it is made from the "
            "name",
            place,
        )
    elif _HIDDEN in test_id:
        remarks.wrong(
            f"Distributed Load Testing does not list a test whose id contains `{_HIDDEN}`", place
        )
