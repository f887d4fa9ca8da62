"""Argument lists: what a user gives is checked, and never stands where a flag could."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.errors import UsageError
from buildsteps.image_reference import parse_reference
from buildsteps.notation.arguments import (
    SignSettings,
    checked_reference,
    inspect_arguments,
    sign_arguments,
    verify_arguments,
)
from buildsteps.notation.keys import LocalKey, PluginKey

DIGEST = "sha256:" + "a" * 64
IMAGE = parse_reference(f"registry.test/team/web@{DIGEST}")
PROFILE = "arn:aws:signer:eu-central-1:111122223333:/signing-profiles/release"


def test_signing_with_a_plugin_names_each_value_behind_its_flag() -> None:
    arguments = sign_arguments(
        IMAGE,
        PluginKey("com.amazonaws.signer.notation.plugin", PROFILE),
        SignSettings(
            metadata={"commit": "-rf", "a b": "c=d"},
            plugin_config={"aws-region": "eu-central-1"},
            signature_format="jws",
            expiry=datetime.timedelta(minutes=90),
            force_referrers_tag=False,
            timestamp_url="http://tsa.test/",
            timestamp_root_certificate=Path("/certs/tsa.pem"),
        ),
    )
    assert arguments == [
        "sign",
        "--plugin=com.amazonaws.signer.notation.plugin",
        f"--id={PROFILE}",
        "--user-metadata=commit=-rf",
        "--user-metadata=a b=c=d",
        "--plugin-config=aws-region=eu-central-1",
        "--signature-format=jws",
        "--expiry=5400s",
        "--force-referrers-tag=false",
        "--timestamp-url=http://tsa.test/",
        "--timestamp-root-cert=/certs/tsa.pem",
        f"registry.test/team/web@{DIGEST}",
    ]


def test_verifying_is_always_verbose_because_only_the_log_tells_reasons() -> None:
    arguments = verify_arguments(IMAGE, {"a": "b"}, {"aws-region": "x"}, 7)
    assert arguments == [
        "verify",
        "--verbose",
        "--max-signatures=7",
        "--user-metadata=a=b",
        "--plugin-config=aws-region=x",
        str(IMAGE),
    ]


def test_inspecting_asks_for_json() -> None:
    assert inspect_arguments(IMAGE, 100) == [
        "inspect",
        "--output=json",
        "--max-signatures=100",
        str(IMAGE),
    ]


def test_a_tag_is_dropped_beside_a_digest_and_refused_alone() -> None:
    assert str(checked_reference(f"web:1@{DIGEST}")) == f"docker.io/library/web@{DIGEST}"
    with pytest.raises(UsageError, match="has no digest"):
        checked_reference("registry.test/web:1")
    with pytest.raises(UsageError, match="begins with a dash"):
        checked_reference("--insecure-registry")


@pytest.mark.parametrize(
    ("key", "settings", "said"),
    [
        (LocalKey(""), {}, "the key is empty"),
        (LocalKey("-k"), {}, "the key begins with a dash"),
        (LocalKey("a\0"), {}, "the key has a character in it that cannot be printed"),
        (LocalKey("a\nb"), {}, "cannot be printed"),
        (PluginKey("../../evil", "id"), {}, "the plugin's name must be"),
        (PluginKey("-p", "id"), {}, "the plugin's name must be"),
        (PluginKey("plugin\n", "id"), {}, "the plugin's name must be"),
        (PluginKey("plugin", "-id"), {}, "the key id begins with a dash"),
        (PluginKey("plugin", "\ud800"), {}, "cannot be printed"),
        (LocalKey("k"), {"metadata": {"a=b": "c"}}, "the key of a metadata has `=` in it"),
        (LocalKey("k"), {"metadata": {"": "c"}}, "the key of a metadata is empty"),
        (LocalKey("k"), {"metadata": {"-a": "c"}}, "the key of a metadata begins with a dash"),
        (LocalKey("k"), {"metadata": {"a": ""}}, "the metadata `a` is empty"),
        (LocalKey("k"), {"metadata": {"a": "b\0"}}, "the metadata `a` has a character"),
        (LocalKey("k"), {"metadata": {"a": "b" * 5000}}, "longer than 4,096 characters"),
        (LocalKey("k"), {"metadata": {"io.cncf.notary.x": "b"}}, "notation keeps keys"),
        (LocalKey("k"), {"plugin_config": {"a\n": "b"}}, "the key of a plugin configuration has"),
        (LocalKey("k"), {"signature_format": "pgp"}, "`jws` or `cose`"),
        (LocalKey("k"), {"expiry": datetime.timedelta(0)}, "at least one"),
        (LocalKey("k"), {"expiry": datetime.timedelta(milliseconds=1500)}, "whole seconds"),
        (LocalKey("k"), {"timestamp_url": "http://tsa.test"}, "needs both"),
        (
            LocalKey("k"),
            {"timestamp_url": "file:///etc/passwd", "timestamp_root_certificate": Path("x")},
            "must be an http or https address",
        ),
    ],
)
def test_a_value_that_could_be_taken_for_something_else_is_refused(
    key: Any, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        sign_arguments(IMAGE, key, SignSettings(**settings))
    assert said in str(caught.value)


def test_a_limit_of_no_signatures_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 1"):
        inspect_arguments(IMAGE, 0)


@given(st.dictionaries(st.text(), st.text()), st.text(), st.text())
def test_whatever_is_given_every_argument_is_a_flag_of_ours_or_the_reference(
    pairs: dict[str, str], name: str, value: str
) -> None:
    try:
        arguments = sign_arguments(
            IMAGE, PluginKey(name, value), SignSettings(metadata=pairs, plugin_config=pairs)
        )
    except UsageError:
        return
    assert arguments[0] == "sign"
    assert arguments[-1] == str(IMAGE)
    ours = ("--plugin=", "--id=", "--user-metadata=", "--plugin-config=")
    assert all(one.startswith(ours) and one.isprintable() for one in arguments[1:-1])
