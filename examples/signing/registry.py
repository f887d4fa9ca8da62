"""A registry for the demo: images in memory, on this machine only, for as long as it runs.

It speaks as much of the OCI distribution protocol as pushing, signing and verifying need, without
the Referrers API: signatures are found by the tag ``sha256-<digest>``. Nothing but Python is
needed: ``python3 registry.py ADDRESS_FILE`` writes its address, ``127.0.0.1:PORT``, into the file.
"""

import hashlib
import re
import sys
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

LARGEST = 32 * 1024 * 1024
"""Bytes of a blob or manifest at most."""

_PATHS = re.compile(
    r"/v2/(?P<name>[a-z0-9._/-]+)/"
    r"(?:(?P<upload>blobs/uploads)/(?P<session>[^/]*)|(?P<kind>blobs|manifests)/(?P<key>[^/]+))"
)


def digest_of(content):
    """The digest by which a content is known."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Registry(ThreadingHTTPServer):
    """``contents`` holds blobs and manifests by (kind, repository, digest), each with its type."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.contents = {}
        self.tags = {}
        self.uploads = {}

    @property
    def address(self):
        """``127.0.0.1:PORT``."""
        return f"127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Give a blob or a manifest."""
        if self.path == "/v2/":
            return self._answer(200)
        found = self._parsed()
        digest = found and found["key"] and self._digest(found)
        key = found and (found["kind"], found["name"], digest)
        if key not in self.server.contents:
            return self._refuse(404, "MANIFEST_UNKNOWN")
        kind, data = self.server.contents[key]
        return self._answer(200, data, {"Content-Type": kind, "Docker-Content-Digest": digest})

    do_HEAD = do_GET

    def do_POST(self):
        """Begin an upload."""
        found, session = self._parsed(), str(uuid.uuid4())
        self._body()
        if not found or not found["upload"]:
            return self._refuse(404, "UNSUPPORTED")
        self.server.uploads[session] = b""
        place = f"/v2/{found['name']}/blobs/uploads/{session}"
        return self._answer(202, headers={"Location": place})

    def do_PATCH(self):
        """Take a piece of an upload."""
        found, data = self._parsed(), self._body()
        session = found and found["session"]
        if data is None or session not in self.server.uploads:
            return self._refuse(404, "BLOB_UPLOAD_UNKNOWN")
        self.server.uploads[session] += data
        size = len(self.server.uploads[session])
        headers = {"Location": urlsplit(self.path).path, "Range": f"0-{max(size - 1, 0)}"}
        return self._answer(202, headers=headers)

    def do_PUT(self):
        """End an upload, or take a manifest."""
        found, data = self._parsed(), self._body()
        if not found or data is None:
            return self._refuse(404, "UNSUPPORTED")
        if found["kind"] == "manifests":
            return self._put_manifest(found["name"], found["key"], data)
        if found["session"] not in self.server.uploads:
            return self._refuse(404, "BLOB_UPLOAD_UNKNOWN")
        whole = self.server.uploads.pop(found["session"]) + data
        wanted = parse_qs(urlsplit(self.path).query).get("digest", [""])[0]
        return self._store("blobs", found["name"], wanted, whole, "application/octet-stream")

    def do_DELETE(self):
        """Forget a manifest; a tag that means it means nothing then."""
        found = self._parsed()
        key = found and (found["kind"], found["name"], found["key"])
        if self.server.contents.pop(key, None) is None:
            return self._refuse(404, "MANIFEST_UNKNOWN")
        return self._answer(202)

    def _put_manifest(self, name, key, data):
        digest = digest_of(data)
        if not key.startswith("sha256:"):
            self.server.tags[name, key] = digest
            key = digest
        return self._store("manifests", name, key, data, self.headers.get("Content-Type", ""))

    def _store(self, kind, name, wanted, data, media_type):
        digest = digest_of(data)
        if digest != wanted:
            return self._refuse(400, "DIGEST_INVALID")
        self.server.contents[kind, name, digest] = (media_type, data)
        place = {"Location": f"/v2/{name}/{kind}/{digest}", "Docker-Content-Digest": digest}
        return self._answer(201, headers=place)

    def _parsed(self):
        return _PATHS.fullmatch(urlsplit(self.path).path)

    def _digest(self, found):
        return self.server.tags.get((found["name"], found["key"]), found["key"])

    def _body(self):
        """What was sent; None, and the connection ends, where its size is not told or too much."""
        size = self.headers.get("Content-Length", "0")
        chunked = "Transfer-Encoding" in self.headers
        if chunked or not size.isdecimal() or int(size) > LARGEST:
            self.close_connection = True
            return None
        return self.rfile.read(int(size))

    def _refuse(self, status, code):
        self._answer(status, f'{{"errors": [{{"code": "{code}"}}]}}'.encode())

    def _answer(self, status, data=b"", headers=None):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_):
        """Say nothing: the demo is to be read."""


def main():
    """Serve until ended."""
    registry = Registry()
    # Renamed into place, so that whoever waits for the file never reads half of it.
    path = Path(sys.argv[1])
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(registry.address)
    beside.rename(path)
    registry.serve_forever()


if __name__ == "__main__":
    main()
