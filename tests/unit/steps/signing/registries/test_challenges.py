import pytest

from buildsteps.steps.signing.registries.challenges import Challenge, challenges_of


def test_a_token_challenge_gives_realm_service_and_scope() -> None:
    header = (
        'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
        'scope="repository:library/web:pull,push"'
    )
    assert challenges_of(header) == (
        Challenge(
            "bearer",
            {
                "realm": "https://auth.docker.io/token",
                "service": "registry.docker.io",
                "scope": "repository:library/web:pull,push",
            },
        ),
    )


def test_several_ways_in_one_header_are_told_apart() -> None:
    found = challenges_of('Basic realm="a \\"b\\"", Bearer realm=https://x, Negotiate')
    assert [challenge.scheme for challenge in found] == ["basic", "bearer", "negotiate"]
    assert found[0].parameters == {"realm": 'a "b"'}
    assert found[1].parameters == {"realm": "https://x"}


@pytest.mark.parametrize("header", ["", ",,,", '"', "=x", 'Bearer realm="open', "\0"])
def test_what_cannot_be_read_is_left_out(header: str) -> None:
    assert all(not challenge.parameters for challenge in challenges_of(header))


def test_a_huge_header_is_cut() -> None:
    assert len(challenges_of("a " * 100_000)) < 10_000
