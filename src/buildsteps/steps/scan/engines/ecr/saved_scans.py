"""Scans of ECR that were saved: judged without asking again."""

from collections.abc import Sequence

from buildsteps.errors import UsageError, WorldError
from buildsteps.reporting.text import printable
from buildsteps.results import Location
from buildsteps.steps.scan.engines.ecr.findings import sightings_of
from buildsteps.steps.scan.engines.ecr.image import named_image
from buildsteps.steps.scan.engines.ecr.shapes import Page
from buildsteps.steps.scan.engines.ecr.waiting import (
    Scan,
    complete,
    is_complete,
    page_of,
    raise_for,
)
from buildsteps.steps.scan.engines.saved import Saved, told_of
from buildsteps.steps.scan.engines.unjudgeable import UnjudgeableError, unjudged_case
from buildsteps.steps.scan.sighting import Scanned


def judged_saved(saved: Sequence[Saved], images: Sequence[str]) -> tuple[Scanned, ...]:
    """Judge saved answers; ``images`` give the names that findings are shown under.

    Raises:
        UsageError: an answer is none, or an image that was named has none.
    """
    pages = []
    for one in saved:
        with told_of(one.path):
            pages.append((one, page_of(one.answer)))
    names = {_key_of(text): named_image(text)[0].name for text in images}
    there = {(page.registry_id, page.repository_name) for _, page in pages}
    for text in images:
        if _key_of(text) not in there:
            raise UsageError(f"no --saved FILE is of {text}")
    return tuple(
        _judged(one, page, names.get((page.registry_id, page.repository_name), ""))
        for one, page in pages
    )


def _key_of(text: str) -> tuple[str, str]:
    reference, host = named_image(text)
    return host.account, reference.repository


def _judged(one: Saved, page: Page, name: str) -> Scanned:
    if not page.repository_name:
        raise UsageError("does not say of which image it is", Location(one.path))
    path = printable(name or page.repository_name)
    identity = page.image_id
    subject = path + (f":{identity.image_tag}" if identity.image_tag else "")
    subject += f"@{identity.image_digest}" if identity.image_digest else ""
    facts = {"saved": one.path, "image": printable(subject), "digest": identity.image_digest}
    try:
        scan = _ended(page, one.path)
    except (UnjudgeableError, WorldError) as error:
        case = unjudged_case("ecr", printable(subject), error)
        return Scanned(engine="ecr", subject=printable(subject), cases=(case,), facts=facts)
    return Scanned(
        engine="ecr",
        subject=printable(subject),
        sightings=sightings_of([("", scan.pages)], path),
        facts=facts,
    )


def _ended(page: Page, path: str) -> Scan:
    raise_for(page.image_scan_status.status, page.image_scan_status.description)
    if not is_complete(page):
        raise UnjudgeableError(f"{path} was saved before the scan had ended")
    return complete((page,))
