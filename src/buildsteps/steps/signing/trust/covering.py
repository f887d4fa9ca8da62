"""Which of the configured trusts speaks for an image, and what they come to together."""

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.errors import UsageError
from buildsteps.image_reference import DOCKER_HUB, ImageReference
from buildsteps.nearest import suggestion
from buildsteps.steps.signing.trust.identities import parse_profile
from buildsteps.steps.signing.trust.settings import Trust

_HTTPS_PORT = ":443"
_OTHER_NAMES = {"index.docker.io": DOCKER_HUB, "registry-1.docker.io": DOCKER_HUB}


class Requirement(Struct, frozen=True):
    """A signature that an image must carry: one that any of ``alternatives`` trusts.

    They stay apart, because within one statement every identity counts with every store: put
    together, one trust's certificate authority could vouch for the identities of another.
    """

    name: str
    alternatives: tuple[Trust, ...]


def requirement(trusts: Mapping[str, Trust], image: ImageReference) -> Requirement | None:
    """What the trusts with the narrowest scope for ``image`` ask; None where none covers it."""
    narrowest = max((_width(trust, image) for trust in trusts.values()), default=-1)
    if narrowest < 0:
        return None
    chosen = {name: trust for name, trust in trusts.items() if _width(trust, image) == narrowest}
    return Requirement(" or ".join(chosen), _without_repetition(chosen.values()))


def all_of(
    trusts: Mapping[str, Trust], ids: tuple[str, ...], image: ImageReference
) -> tuple[Requirement, ...]:
    """One requirement for each of ``ids``: the name of a trust, or an identity of one.

    Raises:
        UsageError: an id that no trust for ``image`` has.
    """
    return tuple(_named(trusts, one, image) for one in dict.fromkeys(ids))


def _named(trusts: Mapping[str, Trust], wanted: str, image: ImageReference) -> Requirement:
    here = {name: trust for name, trust in trusts.items() if _width(trust, image) >= 0}
    if wanted in here:
        return Requirement(wanted, _without_repetition([here[wanted]]))
    for trust in here.values():
        if wanted in trust.identities:
            return Requirement(wanted, (_only(trust, wanted),))
    if wanted in trusts:
        raise UsageError(f"the trust `{wanted}` has no scope that covers {image.name}")
    known = [*here, *(identity for trust in here.values() for identity in trust.identities)]
    nearest = suggestion(wanted, known)
    if here and not nearest:
        nearest = f" There is {', '.join(f'`{one}`' for one in here)}."
    raise UsageError(
        f"--require-all: `{wanted}` is no trust and no identity for {image.name}.{nearest}"
    )


def _only(trust: Trust, identity: str) -> Trust:
    return replace(trust, identities=(identity,))


def _width(trust: Trust, image: ImageReference) -> int:
    """How narrow the trust's best scope for ``image`` is, in characters; -1 without one."""
    return max((_covers(scope, image) for scope in trust.scopes), default=-1)


def _covers(scope: str, image: ImageReference) -> int:
    scope, name = _plain(scope), _plain(image.name)
    if scope.endswith("*"):
        return len(scope) - 1 if name.startswith(scope[:-1]) else -1
    return len(scope) + 1 if scope == name else -1


def _plain(name: str) -> str:
    """One spelling of a registry: another one must not lead to a wider scope."""
    host, slash, rest = name.partition("/")
    host = host.lower().removesuffix(_HTTPS_PORT)
    return f"{_OTHER_NAMES.get(host, host)}{slash}{rest}"


def region_of(trust: Trust) -> str:
    """The region of the signing profiles that a trust names; empty where it names none."""
    return next((profile.region for one in trust.identities if (profile := parse_profile(one))), "")


def _by_region(trust: Trust) -> list[Trust]:
    """The same trust once for each region: AWS Signer is asked in one at a time."""
    regions: dict[str, list[str]] = {}
    for one in trust.identities:
        profile = parse_profile(one)
        regions.setdefault(profile.region if profile else "", []).append(one)
    return [replace(trust, identities=tuple(some)) for some in regions.values()] or [trust]


def _without_repetition(trusts: Iterable[Trust]) -> tuple[Trust, ...]:
    """Trusts that differ in their signing profiles only become one: a call of notation less."""
    merged: dict[str, Trust] = {}
    for trust in (part for whole in trusts for part in _by_region(whole)):
        # notation refuses `*`, or a subject that includes another, beside other identities.
        alone = () if all(map(parse_profile, trust.identities)) else trust.identities
        key = region_of(trust) + repr(replace(trust, identities=alone, scopes=()))
        before = merged[key].identities if key in merged else ()
        identities = tuple(dict.fromkeys((*before, *trust.identities)))
        merged[key] = replace(trust, identities=identities)
    return tuple(merged.values())
