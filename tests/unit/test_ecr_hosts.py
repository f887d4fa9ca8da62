import pytest

from buildsteps.ecr_hosts import EcrHost, ecr_host


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (
            "111122223333.dkr.ecr.eu-central-1.amazonaws.com",
            EcrHost("111122223333", "eu-central-1"),
        ),
        (
            "111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
            EcrHost("111122223333", "us-gov-west-1", fips=True),
        ),
        (
            "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn",
            EcrHost("111122223333", "cn-north-1"),
        ),
        ("111122223333.dkr-ecr.eu-west-1.on.aws", EcrHost("111122223333", "eu-west-1")),
    ],
)
def test_the_name_of_a_registry_says_account_and_region(host: str, expected: EcrHost) -> None:
    assert ecr_host(host) == expected


@pytest.mark.parametrize(
    "host",
    [
        "public.ecr.aws",
        "111122223333.dkr.ecr.eu-central-1.amazonaws.com.evil.example",
        "evil.example/111122223333.dkr.ecr.eu-central-1.amazonaws.com",
        "x111122223333.dkr.ecr.eu-central-1.amazonaws.com",
        "111122223333.dkr.ecr.eu-central-1.amazonaws.com:5000",
        "111122223333.dkr.ecr.eu-central-1.amazonaws.com\n",
        "11112222333.dkr.ecr.eu-central-1.amazonaws.com",
        "localhost:5000",
    ],
)
def test_what_only_looks_like_one_is_none(host: str) -> None:
    assert ecr_host(host) is None
