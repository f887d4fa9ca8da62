"""The tag that stands in for the referrers API where a registry has none.

The source is "Referrers Tag Schema" of the OCI distribution specification 1.1: an index under the
tag ``sha256-<digest>``, which clients read, change and write back.
"""

from typing import Any

import msgspec

from buildsteps.image_reference import ImageReference

INDEX_TYPE = "application/vnd.oci.image.index.v1+json"


def tag_of(subject: ImageReference) -> ImageReference:
    """Give the reference under which the referrers of ``subject`` are listed."""
    tag = subject.digest.replace(":", "-")
    return ImageReference(subject.registry, subject.repository, tag=tag)


def without(index: dict[str, Any], digest: str) -> bytes | None:
    """Give the index without ``digest``, ready to be written; None where it does not list it.

    All else of it stays as it is.
    """
    entries = index.get("manifests") or []
    kept = [entry for entry in entries if entry["digest"] != digest]
    if len(kept) == len(entries):
        return None
    return msgspec.json.encode({**index, "manifests": kept})
