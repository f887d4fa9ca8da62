"""Push an image of one small file, as a build would: ``python3 push.py IMAGE TEXT`` (http only).

``IMAGE`` is ``HOST:PORT/REPOSITORY:TAG``; another ``TEXT`` makes another image. Nothing but Python
is needed. It prints the digest.
"""

import gzip
import hashlib
import io
import json
import sys
import tarfile
from urllib.parse import urljoin
from urllib.request import ProxyHandler, Request, build_opener

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

_OPENER = build_opener(ProxyHandler({}))


def digest_of(content):
    """The digest by which a registry knows a content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def send(method, address, content=b"", kind="application/octet-stream"):
    """Send a request, and give the place that the registry names for what was sent."""
    request = Request(address, data=content, method=method, headers={"Content-Type": kind})
    with _OPENER.open(request, timeout=30) as answer:
        return urljoin(address, answer.headers["Location"])


def push_blob(repository, content, kind):
    """Push a blob, and give its descriptor."""
    digest = digest_of(content)
    place = send("POST", f"{repository}/blobs/uploads/")
    send("PUT", f"{place}?digest={digest}", content)
    return {"mediaType": kind, "digest": digest, "size": len(content)}


def layer_of(text):
    """An archive with one file in it."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        member = tarfile.TarInfo("hello.txt")
        member.size = len(text.encode())
        archive.addfile(member, io.BytesIO(text.encode()))
    return raw.getvalue()


def push(image, text):
    """Push the image, and give the digest of its manifest."""
    host, _, path = image.partition("/")
    name, _, tag = path.partition(":")
    repository = f"http://{host}/v2/{name}"
    layer = layer_of(text)
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [digest_of(layer)]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": push_blob(repository, json.dumps(config).encode(), CONFIG),
        "layers": [push_blob(repository, gzip.compress(layer, mtime=0), LAYER)],
    }
    content = json.dumps(manifest).encode()
    send("PUT", f"{repository}/manifests/{tag}", content, MANIFEST)
    return digest_of(content)


if __name__ == "__main__":
    print(push(*sys.argv[1:3]))
