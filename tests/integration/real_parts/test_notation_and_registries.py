"""Proof of the real parts: notation and both registries are what the other tests take them for."""

import requests

from tests.real_parts.notation import NotationHome


def test_notation_is_the_version_that_the_facts_are_about(notation_home: NotationHome) -> None:
    version = notation_home.succeed("version").stdout
    assert "Version:     v1.3.2\n" in version


def test_only_one_of_the_registries_has_the_referrers_api(
    registry_host: str, tag_schema_host: str
) -> None:
    index = (
        b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'
    )
    kind = {"Content-Type": "application/vnd.oci.image.index.v1+json"}
    answers = {}
    for host in (registry_host, tag_schema_host):
        assert requests.get(f"http://{host}/v2/", timeout=10).ok
        pushed = requests.put(
            f"http://{host}/v2/proof/manifests/empty", data=index, headers=kind, timeout=10
        )
        digest = pushed.headers["Docker-Content-Digest"]
        found = requests.get(f"http://{host}/v2/proof/referrers/{digest}", timeout=10)
        answers[host] = found.status_code
    assert answers == {registry_host: 200, tag_schema_host: 404}
