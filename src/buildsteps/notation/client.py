"""notation, as an object: each method is one run of the program."""

import datetime
import os
import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from buildsteps.errors import WorldError
from buildsteps.image_reference import ImageReference
from buildsteps.notation import arguments as command
from buildsteps.notation.arguments import SignatureFormat, SignSettings, checked_reference
from buildsteps.notation.configuration import Configuration
from buildsteps.notation.credentials import UserAndPassword
from buildsteps.notation.environment import child_environment
from buildsteps.notation.errors import NotationError, NotationFailedError, SigningError
from buildsteps.notation.inspect_output import read_inspection
from buildsteps.notation.keys import Key
from buildsteps.notation.log_lines import LogRecord, last_error, log_records
from buildsteps.notation.reasons import reason_of_image
from buildsteps.notation.redaction import redactor, secrets_of
from buildsteps.notation.results import Inspection, Reason, Signed, Verification
from buildsteps.notation.signing_reasons import BEFORE_SIGNING, signing_reason
from buildsteps.notation.verify_output import read_verification
from buildsteps.notation.version import Version, read_version
from buildsteps.world.process import Processes, SystemProcesses

MAX_SIGNATURES = 100
"""notation's own limit of signatures that it looks at."""

ATTEMPTS = 4
"""How often a registry that is busy or does not answer is asked; notation asks once."""

_FIRST_PAUSE = 0.5
_TRANSIENT = (Reason.REGISTRY_BUSY, Reason.REGISTRY_UNREACHABLE)

Answer = TypeVar("Answer")


class Answered:
    """What one run of notation printed, secrets taken out of the log; results hold none."""

    def __init__(self, status: int, stdout: str, stderr: str) -> None:
        self.status = status
        self.stdout = stdout
        self.stderr = stderr

    @property
    def records(self) -> tuple[LogRecord, ...]:
        """The messages on standard error."""
        return log_records(self.stderr)


class Notation:
    """The notation at ``executable``, 1.3 or a later 1.x.

    ``configuration`` names the folders it uses, the user's own where it is None;
    :func:`buildsteps.notation.private_configuration` makes one for a run. ``environ`` is what its
    process inherits, without ``NOTATION_USERNAME`` and ``NOTATION_PASSWORD``: give credentials to
    the call. It is taken when the object is made, that of this process where it is None.
    ``timeout`` is in seconds, for one run. Registries that are busy or cannot be reached are asked
    ``attempts`` times, with pauses that grow. An object may be used by several threads; but sign
    one image in one thread at a time: registries without the referrers API lose signatures that are
    pushed at once.

    Every method raises ``UsageError`` for a value that cannot be handed to notation, before
    anything runs, and :class:`NotationError` where notation is not there, does not end in time, or
    answers what we do not understand.
    """

    def __init__(
        self,
        executable: Path | str,
        *,
        configuration: Configuration | None = None,
        environ: Mapping[str, str] | None = None,
        processes: Processes | None = None,
        timeout: float = 120.0,
        attempts: int = ATTEMPTS,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.executable = Path(executable)
        self.configuration = configuration
        self.timeout = timeout
        self._environ = dict(os.environ if environ is None else environ)
        self._secrets = secrets_of(self._environ)
        self._processes = processes or SystemProcesses()
        self._attempts = max(attempts, 1)
        self._pause = pause

    def version(self) -> Version:
        """Ask for the version.

        Raises:
            NotationMissingError: the program is no notation.
        """
        return read_version(self._run(["version"], None).stdout)

    def sign(
        self,
        reference: ImageReference | str,
        key: Key,
        *,
        metadata: Mapping[str, str] | None = None,
        expiry: datetime.timedelta | None = None,
        plugin_config: Mapping[str, str] | None = None,
        signature_format: SignatureFormat | None = None,
        force_referrers_tag: bool | None = None,
        timestamp_url: str = "",
        timestamp_root_certificate: Path | None = None,
        credentials: UserAndPassword | None = None,
        insecure: bool = False,
    ) -> Signed:
        """Sign an image, named by digest, and push the signature.

        What is None is left to notation: ``jws``, and the referrers tag schema
        (``force_referrers_tag=False`` is right for a registry with the referrers API, such as ECR).
        ``insecure`` speaks http with the registry. It is tried again only where nothing was signed
        yet.

        Raises:
            SigningError: it was not signed; its ``reason`` says why.
        """
        settings = SignSettings(
            metadata=metadata or {},
            expiry=expiry,
            plugin_config=plugin_config or {},
            signature_format=signature_format,
            force_referrers_tag=force_referrers_tag,
            timestamp_url=timestamp_url,
            timestamp_root_certificate=timestamp_root_certificate,
        )
        checked = checked_reference(reference)
        arguments = command.sign_arguments(checked, key, settings)

        def once() -> Answered:
            return self._run(arguments, credentials, insecure=insecure)

        answered = self._patiently(once, _signing_may_succeed_later)
        return _signed(checked, answered)

    def verify(
        self,
        reference: ImageReference | str,
        *,
        metadata: Mapping[str, str] | None = None,
        plugin_config: Mapping[str, str] | None = None,
        max_signatures: int = MAX_SIGNATURES,
        credentials: UserAndPassword | None = None,
        insecure: bool = False,
    ) -> Verification:
        """Verify an image, named by digest, against the configuration's trust policy.

        ``metadata`` must be in the signature. That it does not verify, or that the registry does
        not answer, is a Verification with a reason.
        """
        checked = checked_reference(reference)
        arguments = command.verify_arguments(
            checked, metadata or {}, plugin_config or {}, max_signatures
        )

        def once() -> Verification:
            done = self._run(arguments, credentials, insecure=insecure)
            return read_verification(checked, done.status, done.stdout, done.stderr, max_signatures)

        return self._patiently(once, lambda answer: answer.reason in _TRANSIENT)

    def inspect(
        self,
        reference: ImageReference | str,
        *,
        max_signatures: int = MAX_SIGNATURES,
        credentials: UserAndPassword | None = None,
        insecure: bool = False,
    ) -> Inspection:
        """Read the signatures of an image, named by digest. This verifies nothing.

        Raises:
            NotationFailedError: they cannot be listed; its ``reason`` says why.
        """
        checked = checked_reference(reference)
        arguments = command.inspect_arguments(checked, max_signatures)

        def once() -> Inspection | NotationFailedError:
            done = self._run(arguments, credentials, insecure=insecure)
            try:
                return read_inspection(done.status, done.stdout, done.stderr)
            except NotationFailedError as error:
                return error

        answer = self._patiently(
            once, lambda one: isinstance(one, NotationFailedError) and one.reason in _TRANSIENT
        )
        if isinstance(answer, NotationFailedError):
            raise answer
        return answer

    def _patiently(self, once: Callable[[], Answer], again: Callable[[Answer], bool]) -> Answer:
        """Ask until it is no more worth asking again, with pauses that grow, cut at random."""
        for attempt in range(self._attempts - 1):
            answer = once()
            if not again(answer):
                return answer
            longest = _FIRST_PAUSE * 2**attempt
            self._pause(longest * (0.5 + random.random() / 2))  # noqa: S311 - no secret
        return once()

    def _run(
        self,
        arguments: list[str],
        credentials: UserAndPassword | None,
        *,
        insecure: bool = False,
    ) -> Answered:
        environ = child_environment(self._environ, self.configuration, credentials)
        redact = redactor(self._secrets, credentials)
        flags = ["--insecure-registry"] if insecure else []
        try:
            done = self._processes.run(
                [str(self.executable), arguments[0], *flags, *arguments[1:]],
                environ=environ,
                timeout=self.timeout,
            )
        except WorldError as error:
            raise NotationError(redact(error.message)) from None
        return Answered(done.status, _text(done.stdout), redact(_text(done.stderr)))


def _text(output: bytes) -> str:
    return output.decode("utf-8", "replace")


def _signing_may_succeed_later(answered: Answered) -> bool:
    error = last_error(answered.records)
    early = answered.status != 0 and error.startswith(BEFORE_SIGNING)
    return early and reason_of_image(error) in _TRANSIENT


def _signed(reference: ImageReference, answered: Answered) -> Signed:
    records = answered.records
    if answered.status != 0:
        message = last_error(records) or f"notation ended with exit status {answered.status}"
        raise SigningError(message, signing_reason(message))
    claim = answered.stdout.split("\n", 1)[0].rstrip("\r")
    if claim != f"Successfully signed {reference}":
        raise NotationFailedError(f"notation ended well without saying that it signed {reference}")
    warnings = tuple(record.text for record in records if record.kind == "Warning")
    return Signed(reference, warnings)
