"""The subject of an X.509 certificate, for showing: a few lines of DER, no cryptography.

Nothing is verified here. Sources: RFC 5280, section 4.1 (certificate), X.690 (DER), RFC 4514 (how a
name is written).
"""

from collections.abc import Iterator

_NAMES = {
    b"\x55\x04\x03": "CN",
    b"\x55\x04\x06": "C",
    b"\x55\x04\x07": "L",
    b"\x55\x04\x08": "ST",
    b"\x55\x04\x0a": "O",
    b"\x55\x04\x0b": "OU",
}
_SEQUENCE, _SET, _OID, _VERSION = 0x30, 0x31, 0x06, 0xA0
_SPECIAL = frozenset(',+"\\<>;=')


def subject_of(certificate: bytes) -> str:
    """Give the subject as ``CN=...,O=...``, the most specific part first.

    Raises:
        ValueError: this is no certificate.
    """
    (whole,) = _elements(certificate)
    tbs = next(_inside(whole, _SEQUENCE))
    fields = [field for field in _inside(tbs, _SEQUENCE) if field[0] != _VERSION]
    if len(fields) < 5:
        raise ValueError("a certificate without a subject")
    _serial, _algorithm, _issuer, _validity, subject = fields[:5]
    parts = [_part(group) for group in _inside(subject, _SEQUENCE)]
    return ",".join(reversed(parts))


def _part(group: tuple[int, bytes]) -> str:
    return "+".join(_attribute(attribute) for attribute in _inside(group, _SET))


def _attribute(attribute: tuple[int, bytes]) -> str:
    kind, value = _inside(attribute, _SEQUENCE)
    if kind[0] != _OID:
        raise ValueError("an attribute without a type")
    text = value[1].decode("utf-8", "replace")
    escaped = "".join(f"\\{c}" if c in _SPECIAL else c for c in text)
    return f"{_NAMES.get(kind[1], kind[1].hex())}={escaped}"


def _inside(element: tuple[int, bytes], tag: int) -> Iterator[tuple[int, bytes]]:
    if element[0] != tag:
        raise ValueError("not the expected element")
    return _elements(element[1])


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Give tag and content of each element; lengths beyond the data are refused."""
    position = 0
    while position < len(data):
        if position + 2 > len(data):
            raise ValueError("an element is cut off")
        tag, length = data[position], data[position + 1]
        position += 2
        if length & 0x80:
            size = length & 0x7F
            if not 1 <= size <= 4 or position + size > len(data):
                raise ValueError("a length is wrong")
            length = int.from_bytes(data[position : position + size])
            position += size
        if position + length > len(data):
            raise ValueError("an element is longer than its place")
        yield tag, data[position : position + length]
        position += length
