"""Which trust speaks for which image."""

import pytest

from buildsteps.errors import UsageError
from buildsteps.image_reference import parse_reference
from buildsteps.steps.signing.trust.covering import all_of, region_of, requirement
from buildsteps.steps.signing.trust.settings import Trust

IMAGE = parse_reference("r.io/team/app:1")


def profile(name: str) -> str:
    return f"arn:aws:signer:eu-west-1:111122223333:/signing-profiles/{name}"


def trust(identity: str = "*", *scopes: str, stores: tuple[str, ...] = ("own",)) -> Trust:
    return Trust(identities=(identity,), stores=stores, scopes=scopes or ("*",))


def test_the_narrowest_scope_decides() -> None:
    trusts = {"all": trust(), "team": trust("t", "r.io/team/*"), "app": trust("a", "r.io/team/app")}
    found = requirement(trusts, IMAGE)
    assert found is not None
    assert found.name == "app"
    other = requirement(trusts, parse_reference("r.io/team/other"))
    assert other is not None
    assert other.name == "team"


def test_an_image_that_no_scope_covers_has_no_requirement() -> None:
    assert requirement({"team": trust("t", "r.io/team")}, IMAGE) is None


def test_trusts_that_speak_for_the_same_images_are_alternatives() -> None:
    found = requirement({"build": trust(profile("b1")), "release": trust(profile("r1"))}, IMAGE)
    assert found is not None
    assert found.name == "build or release"
    assert [one.identities for one in found.alternatives] == [(profile("b1"), profile("r1"))]


def test_what_notation_would_refuse_in_one_statement_is_asked_apart() -> None:
    wide, narrow = "x509.subject: C=DE, ST=B, O=Us", "x509.subject: C=DE, ST=B, O=Us, OU=Build"
    for first, second in (("*", narrow), (wide, narrow)):
        found = requirement({"one": trust(first), "two": trust(second)}, IMAGE)
        assert found is not None
        assert [one.identities for one in found.alternatives] == [(first,), (second,)]


@pytest.mark.parametrize("other", ["R.io/team/app", "r.IO:443/team/app", "R.iO:443/team/app:1"])
def test_another_spelling_of_the_registry_does_not_lead_to_a_wider_trust(other: str) -> None:
    trusts = {"all": trust(), "team": trust("t", "R.io/team/*")}
    found = requirement(trusts, parse_reference(other))
    assert found is not None
    assert found.name == "team"


@pytest.mark.parametrize(
    "other", ["nginx", "index.docker.io/nginx", "registry-1.docker.io/library/nginx"]
)
def test_docker_hub_is_one_registry_by_each_of_its_names(other: str) -> None:
    trusts = {"all": trust(), "hub": trust("h", "docker.io/library/nginx")}
    found = requirement(trusts, parse_reference(other))
    assert found is not None
    assert found.name == "hub"


def test_the_identities_of_one_store_are_never_put_with_those_of_another() -> None:
    found = requirement({"build": trust("b"), "other": trust("o", stores=("theirs",))}, IMAGE)
    assert found is not None
    pairs = {(one.identities, one.stores) for one in found.alternatives}
    assert pairs == {(("b",), ("own",)), (("o",), ("theirs",))}


def test_profiles_of_different_stores_stay_apart() -> None:
    trusts = {"a": trust(profile("a1")), "b": trust(profile("b1"), stores=("theirs",))}
    found = requirement(trusts, IMAGE)
    assert found is not None
    pairs = {(one.identities, one.stores) for one in found.alternatives}
    assert pairs == {((profile("a1"),), ("own",)), ((profile("b1"),), ("theirs",))}


def test_all_of_takes_names_and_identities() -> None:
    trusts = {"build": trust("b"), "release": Trust(identities=("r", "s"), stores=("own",))}
    build, release = all_of(trusts, ("build", "s"), IMAGE)
    assert build.alternatives[0].identities == ("b",)
    assert release.alternatives[0].identities == ("s",)


def test_a_name_that_nobody_has_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"`relase` is no trust .* `release`"):
        all_of({"release": trust()}, ("relase",), IMAGE)
    with pytest.raises(UsageError, match=r"`CN=x` is no trust .*app\. There is `release`\.$"):
        all_of({"release": trust("r")}, ("CN=x",), IMAGE)
    with pytest.raises(UsageError, match="no scope that covers"):
        all_of({"other": trust("o", "r.io/x")}, ("other",), IMAGE)


def test_profiles_of_two_regions_are_asked_apart() -> None:
    ireland = "arn:aws:signer:eu-west-1:111122223333:/signing-profiles/a1"
    oregon = "arn:aws:signer:us-west-2:111122223333:/signing-profiles/a1"
    found = requirement({"all": Trust(identities=(ireland, oregon, f"{ireland}b"))}, IMAGE)
    assert found is not None
    assert [one.identities for one in found.alternatives] == [(ireland, f"{ireland}b"), (oregon,)]
    assert [region_of(one) for one in found.alternatives] == ["eu-west-1", "us-west-2"]
