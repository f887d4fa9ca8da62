"""``ecr``: the findings of each image that was named, each platform of it scanned."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from msgspec import Struct

from buildsteps.ecr_hosts import EcrHost
from buildsteps.errors import UsageError, WorldError
from buildsteps.image_reference import ImageReference
from buildsteps.results import Case
from buildsteps.steps.scan.engines.ecr.findings import sightings_of
from buildsteps.steps.scan.engines.ecr.image import Resolved, Scannable, named_image, resolved
from buildsteps.steps.scan.engines.ecr.saved_scans import judged_saved
from buildsteps.steps.scan.engines.ecr.waiting import Awaited, Scan
from buildsteps.steps.scan.engines.saved import saved_for
from buildsteps.steps.scan.engines.unjudgeable import UnjudgeableError, unjudged_case
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world import World
from buildsteps.world.aws import NoAwsCredentialsError
from buildsteps.world.concurrency import threaded_map


class _One(Struct, frozen=True, kw_only=True):
    """What came of one platform's image: its scan, or the case that says why there is none."""

    image: Scannable
    scan: Scan | None = None
    case: Case | None = None


def scan(_subjects: Subjects, options: ScanOptions, world: World) -> tuple[Scanned, ...]:
    """Wait for the scans of the images.

    See :class:`~buildsteps.steps.scan.engines.interface.Engine`.
    """
    if options.saved:
        return judged_saved(saved_for("ecr", options, world), options.image)
    named = list(dict.fromkeys(named_image(text) for text in options.image))
    if not named:
        raise UsageError(
            "the engine ecr needs --image IMAGE, such as "
            "123456789012.dkr.ecr.eu-central-1.amazonaws.com/app:1.0"
        )
    return tuple(threaded_map(partial(_scanned, options=options, world=world), named))


def _scanned(named: tuple[ImageReference, EcrHost], options: ScanOptions, world: World) -> Scanned:
    reference, host = named
    deadline = world.clock.monotonic() + options.timeout
    try:
        image = resolved(reference, host, world.aws)
    except NoAwsCredentialsError:
        raise
    except (UnjudgeableError, WorldError) as error:
        case = unjudged_case("ecr", str(reference), error)
        return Scanned(engine="ecr", subject=str(reference), cases=(case,), partial=True)
    each = partial(_one, image=image, deadline=deadline, world=world)
    return _together(image, list(threaded_map(each, image.images)))


def _one(one: Scannable, image: Resolved, deadline: float, world: World) -> _One:
    request = {
        **image.place,
        "imageId": {"imageDigest": one.digest},
        "region": image.host.region,
    }
    awaited = Awaited(world.aws, world.clock, world.note, request)
    try:
        return _One(image=one, scan=awaited.scan(deadline - world.clock.monotonic()))
    except NoAwsCredentialsError:
        raise
    except (UnjudgeableError, WorldError) as error:
        platform = f" ({one.platform})" if one.platform else ""
        return _One(image=one, case=unjudged_case("ecr", f"{image.reference}{platform}", error))


def _together(image: Resolved, ones: Sequence[_One]) -> Scanned:
    scans = [(one.image.platform, one.scan.pages) for one in ones if one.scan is not None]
    cases = tuple(one.case for one in ones if one.case is not None)
    platforms = [one.image.platform for one in ones if one.image.platform]
    told = f" for {', '.join(platforms)}" if platforms else ""
    return Scanned(
        engine="ecr",
        subject=str(image.reference),
        sightings=sightings_of(scans, image.reference.name),
        cases=cases,
        notes=(f"{image.reference} is {image.digest}{told}",),
        facts={
            "image": str(image.reference),
            "digest": image.digest,
            "scans": [_fact(one) for one in ones],
        },
        partial=bool(cases),
    )


def _fact(one: _One) -> dict[str, Any]:
    platform = {"platform": one.image.platform} if one.image.platform else {}
    if one.scan is None:
        return {"digest": one.image.digest, **platform, "scanned": False}
    return {
        "digest": one.image.digest,
        **platform,
        "scanned": True,
        "type": "enhanced" if one.scan.enhanced else "basic",
        "completed_at": one.scan.completed_at,
    }
