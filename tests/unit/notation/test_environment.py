"""What notation's process inherits, and what is taken out of what it prints."""

from pathlib import Path

import pytest

from buildsteps.notation.configuration import Configuration
from buildsteps.notation.credentials import Credentials
from buildsteps.notation.environment import child_environment
from buildsteps.notation.redaction import redactor, secrets_of

AROUND = {
    "PATH": "/bin",
    "AWS_PROFILE": "release",
    "NOTATION_USERNAME": "someone",
    "NOTATION_PASSWORD": "of another registry",
    "NOTATION_CONFIG": "/home/me/notation",
    "AWS_SIGNER_NOTATION_PLUGIN_DEBUG": "true",
}


def test_the_folders_of_the_run_and_the_credentials_of_the_registry_are_given() -> None:
    configuration = Configuration(Path("/run/config"), Path("/libexec"), Path("/run/cache"))
    given = child_environment(AROUND, configuration, Credentials("AWS", "pass"))
    assert given == {
        "PATH": "/bin",
        "AWS_PROFILE": "release",
        "NOTATION_CONFIG": "/run/config",
        "NOTATION_LIBEXEC": "/libexec",
        "NOTATION_CACHE": "/run/cache",
        "NOTATION_USERNAME": "AWS",
        "NOTATION_PASSWORD": "pass",
    }


def test_without_credentials_those_around_are_not_sent_to_any_registry() -> None:
    assert child_environment(AROUND, None, None) == {
        "PATH": "/bin",
        "AWS_PROFILE": "release",
        "NOTATION_CONFIG": "/home/me/notation",
    }


@pytest.mark.parametrize(
    "text",
    [
        "p@ss/w rd",
        "it was p@ss/w rd.",
        "https://x/?p=p%40ss%2Fw%20rd",
        "Basic QVdTOnBAc3MvdyByZA==",
        "AKIA-secret-key",
        "https://user:pa55@proxy.test:8080",
    ],
)
def test_secrets_are_taken_out_in_every_form_they_travel_in(text: str) -> None:
    secrets = secrets_of({"AWS_SECRET_ACCESS_KEY": "AKIA-secret-key"})
    redact = redactor(secrets, Credentials("AWS", "p@ss/w rd"))
    shown = redact(text)
    assert "***" in shown
    assert not any(
        secret in shown for secret in ("p@ss", "p%40ss", "QVdT", "secret-key", "pa55", "w rd")
    )


def test_what_is_no_secret_stays() -> None:
    environ = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/token", "TOKEN": "abc", "PATH": "/usr/bin"}
    text = "registry.test/web@sha256:abc in /var/run/token of /usr/bin"
    assert redactor(secrets_of(environ), None)(text) == text


def test_credentials_never_show_their_password() -> None:
    assert "pass" not in repr(Credentials("AWS", "pass"))
