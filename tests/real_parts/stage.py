"""A stage for one outcome of notation: registry, keys, Signer and faults, all real or on loopback.

:mod:`tests.real_parts.outcomes` sets it; whoever wants the outcome runs notation, or what stands on
it, with the stage's reference, flags and environment.
"""

import itertools
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct, field

from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.services.signer import Profile, Signer
from tests.real_parts.certificates import Chain, chain
from tests.real_parts.faulty_registry import FaultyRegistry, faulty_registry
from tests.real_parts.images import Image, Repository
from tests.real_parts.notation import NotationHome
from tests.real_parts.revocation import Revocations, revocation_services
from tests.real_parts.signer_plugin import NAME, install_signer_plugin

SIGNER_STORE = "signingAuthority:aws-signer-ts"

_numbers = itertools.count(1)


class Programs(Struct, frozen=True):
    """The executables; a registry's address is that of one without the Referrers API."""

    notation: Path
    plugin: Path
    registry_host: str


class Stage(Struct, kw_only=True):
    """All that an outcome is made of.

    notation trusts ``ours`` (any subject); :meth:`trust_signer` lets it trust ``profile`` instead.
    ``reference``, ``flags`` and ``environ`` are what ``command`` is run with; the image is there,
    and unsigned.
    """

    home: NotationHome
    repository: Repository
    image: Image
    reference: str
    ours: Chain
    aws: LoopbackAws
    signer: Signer
    profile: Profile
    faulty: FaultyRegistry
    revocations: Revocations
    plugin: Path
    command: tuple[str, ...] = ("verify", "-v", "--insecure-registry")
    flags: list[str] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run notation on this stage."""
        return self.home.run(*self.command, *self.flags, self.reference, environ=self.environ)

    def sign(self, signer: Chain | None = None, *flags: str) -> None:
        """Sign the image with a local key, ours unless told otherwise."""
        self.home.sign_locally(self.image.reference, signer or self.ours, *flags)

    def trust_signer(self, *identities: str, level: str = "strict") -> None:
        """Trust the signing profile, or other identities, by Signer's root."""
        trusted = identities or (self.profile.arn,)
        self.home.trust(trusted, stores=[SIGNER_STORE], level=level)

    def sign_by_signer(self) -> None:
        """Sign the image with the signing profile, and trust it."""
        self.trust_signer()
        key = ("--plugin", NAME, "--id", self.profile.arn)
        self.home.succeed(
            "sign", "--insecure-registry", *key, self.image.reference, environ=self.environ
        )

    def through_faults(self) -> None:
        """Reach the image by way of the faulty registry."""
        self.reference = f"{self.faulty.address}/{self.repository.name}@{self.image.digest}"


@contextmanager
def stage(folder: Path, programs: Programs) -> Iterator[Stage]:
    """Set up an empty stage below a folder."""
    home = NotationHome(folder, programs.notation)
    install_signer_plugin(home, programs.plugin)
    repository = Repository(programs.registry_host, f"team/web-{next(_numbers)}")
    image, signer, ours = repository.push_image(tag="v1"), Signer(), chain()
    profile = signer.profile("delivery")
    home.add_to_store(ours.root.pem)
    home.add_to_store(signer.chain.root.pem, SIGNER_STORE)
    home.trust()
    with (
        loopback_aws(signer.service) as aws,
        faulty_registry(programs.registry_host) as faulty,
        revocation_services() as revocations,
    ):
        yield Stage(
            home=home,
            repository=repository,
            image=image,
            reference=image.reference,
            ours=ours,
            aws=aws,
            signer=signer,
            profile=profile,
            faulty=faulty,
            revocations=revocations,
            plugin=programs.plugin,
            environ=aws.environment() | {"AWS_MAX_ATTEMPTS": "1"},
        )
