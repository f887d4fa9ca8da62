"""Amazon S3: buckets that lists, gets and puts work on."""

import datetime
import hashlib
from collections.abc import Mapping
from typing import Any

from tests.loopback_aws.errors import ServiceError
from tests.loopback_aws.service import Service
from tests.loopback_aws.sigv4 import Scope

WRITTEN = datetime.datetime(2026, 11, 23, 9, 36, tzinfo=datetime.UTC)


class S3(Service):
    """``buckets`` hold objects by key; a list has at most ``page`` of them at once."""

    def __init__(self, *buckets: str, page: int = 1000) -> None:
        self.buckets: dict[str, dict[str, bytes]] = {name: {} for name in buckets}
        self.page = page
        super().__init__(
            "s3",
            {
                "ListObjectsV2": self._list,
                "GetObject": self._get,
                "PutObject": self._put,
                "DeleteObject": self._delete,
            },
        )

    def _bucket(self, given: Mapping[str, Any]) -> dict[str, bytes]:
        if given["Bucket"] not in self.buckets:
            raise ServiceError("NoSuchBucket", "The specified bucket does not exist", 404)
        return self.buckets[given["Bucket"]]

    def _list(self, given: Mapping[str, Any], _scope: Scope) -> dict[str, Any]:
        prefix, after = given.get("Prefix", ""), given.get("ContinuationToken", "")
        keys = sorted(key for key in self._bucket(given) if key.startswith(prefix) and key > after)
        shown = keys[: self.page]
        told = {
            "IsTruncated": len(keys) > len(shown),
            "Name": given["Bucket"],
            "Prefix": prefix,
            "KeyCount": len(shown),
            "Contents": [self._described(given, key) for key in shown],
        }
        return told | ({"NextContinuationToken": shown[-1]} if told["IsTruncated"] else {})

    def _described(self, given: Mapping[str, Any], key: str) -> dict[str, Any]:
        data = self._bucket(given)[key]
        etag = f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
        return {"Key": key, "LastModified": WRITTEN, "ETag": etag, "Size": len(data)}

    def _get(self, given: Mapping[str, Any], _scope: Scope) -> dict[str, Any]:
        found = self._bucket(given).get(given["Key"])
        if found is None:
            raise ServiceError("NoSuchKey", "The specified key does not exist.", 404)
        return {"Body": found, "ContentType": "binary/octet-stream"}

    def _delete(self, given: Mapping[str, Any], _scope: Scope) -> dict[str, Any]:
        self._bucket(given).pop(given["Key"], None)
        return {}

    def _put(self, given: Mapping[str, Any], _scope: Scope) -> dict[str, Any]:
        self._bucket(given)[given["Key"]] = given.get("Body", b"")
        return {}
