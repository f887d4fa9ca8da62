"""What the client makes of a program's answers, where the real one cannot be made to give them."""

import pytest

from buildsteps.notation import (
    Credentials,
    LocalKey,
    Notation,
    NotationError,
    NotationFailedError,
    NotationMissingError,
    Reason,
    SigningError,
    SigningReason,
)
from buildsteps.notation.signing_reasons import signing_reason
from buildsteps.world.process import Completed
from tests.world_double import ScriptedProcesses

IMAGE = "registry.test/web@sha256:" + "0" * 64
BUSY = "response status code 503: Service Unavailable"


def notation(*answer: object) -> tuple[Notation, ScriptedProcesses, list[float]]:
    status, stdout, stderr = answer
    assert isinstance(status, int)
    completed = Completed(status, str(stdout).encode(), str(stderr).encode())
    processes = ScriptedProcesses({"/bin/notation": completed})
    pauses: list[float] = []
    made = Notation("/bin/notation", environ={}, processes=processes, pause=pauses.append)
    return made, processes, pauses


def test_it_is_asked_with_pauses_that_grow() -> None:
    client, processes, pauses = notation(1, "", f'Error: failed: HEAD "x": {BUSY}\n')
    assert client.verify(IMAGE).reason is Reason.REGISTRY_BUSY
    assert len(processes.calls) == 4
    assert 0.25 <= pauses[0] <= 0.5 <= pauses[1] <= 1.0 <= pauses[2] <= 2.0


def test_a_signature_that_may_have_been_made_is_not_made_again() -> None:
    error = f'Error: failed to push signature to registry with error: PUT "x": {BUSY}\n'
    client, processes, _ = notation(1, "", error)
    with pytest.raises(SigningError) as caught:
        client.sign(IMAGE, LocalKey("k"))
    assert caught.value.reason is SigningReason.REGISTRY_BUSY
    assert len(processes.calls) == 1


def test_a_signing_that_does_not_say_so_is_none() -> None:
    client, _, _ = notation(0, "done\n", "")
    with pytest.raises(NotationFailedError, match="without saying that it signed"):
        client.sign(IMAGE, LocalKey("k"))


def test_the_warnings_of_signing_are_told() -> None:
    text = "Removal of outdated referrers index from remote registry failed."
    client, _, _ = notation(0, f"Successfully signed {IMAGE}\n", f"Warning: {text}\n")
    assert client.sign(IMAGE, LocalKey("k")).warnings == (text,)


def test_a_password_in_what_notation_prints_is_hidden_everywhere() -> None:
    client, processes, _ = notation(1, "", "Error: token server said no to hunter2 hunter2\n")
    secret = Credentials("u", "hunter2")
    with pytest.raises(SigningError) as caught:
        client.sign(IMAGE, LocalKey("k"), credentials=secret)
    assert str(caught.value) == "token server said no to *** ***"
    assert "hunter2" not in repr(client.verify(IMAGE, credentials=secret))
    assert "hunter2" not in repr(processes.calls)


def test_output_that_is_no_text_is_read_all_the_same() -> None:
    processes = ScriptedProcesses({"/bin/notation": Completed(1, b"\xff", b"Error: \xff\xfe\n")})
    answer = Notation("/bin/notation", environ={}, processes=processes).verify(IMAGE)
    assert answer.reason is Reason.UNKNOWN


def test_a_program_that_is_not_there_or_no_notation_is_told() -> None:
    client, _, _ = notation(0, "hello", "")
    with pytest.raises(NotationMissingError, match="does not say its version"):
        client.version()
    missing = Notation("/bin/gone", environ={}, processes=ScriptedProcesses())
    with pytest.raises(NotationError, match="/bin/gone cannot be run"):
        missing.verify(IMAGE)


AWS = (
    "failed to sign with the plugin com.amazonaws.signer.notation.plugin: plugin failed to sign "
    "with following error: Failed to call AWSSigner. Error: "
)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (f"{AWS}User: arn:aws:iam::1:user/x is not authorized to perform: signer:SignPayload",
         SigningReason.ACCESS_DENIED),
        (f"{AWS}Rate exceeded. RequestID: 1.", SigningReason.THROTTLED),
        (f"{AWS}Signing profile release does not exist. RequestID: 1.", SigningReason.BAD_PROFILE),
        (f"{AWS}failed to refresh cached credentials, no EC2 IMDS role found",
         SigningReason.NO_CREDENTIALS),
        (f'{AWS}Post "https://signer.test/": dial tcp: lookup signer.test: no such host',
         SigningReason.SIGNER_UNREACHABLE),
        (f"{AWS}Member must have length less than or equal to 4096",
         SigningReason.PAYLOAD_TOO_LARGE),
        ('envelope type "application/cose" is not supported', SigningReason.FORMAT_REFUSED),
        ("signing key nobody not found", SigningReason.NO_SUCH_KEY),
        ("plugin executable file is either not found or inaccessible: stat x: no such file",
         SigningReason.PLUGIN_MISSING),
        (f"{AWS}words that nobody has seen", SigningReason.PLUGIN_FAILED),
        ("timestamp: request failed", SigningReason.TIMESTAMP),
        ("failed to push signature to registry with error: denied", SigningReason.PUSH_FAILED),
        ("failed to get manifest descriptor: x: not found", SigningReason.NO_SUCH_IMAGE),
        ("words that nobody has seen", SigningReason.UNKNOWN),
    ],
)  # fmt: skip
def test_the_reason_why_nothing_was_signed_is_told_from_the_words(
    message: str, reason: SigningReason
) -> None:
    assert signing_reason(message) is reason
