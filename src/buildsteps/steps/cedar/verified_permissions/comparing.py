"""Is what is deployed what the repository says? A case for each policy, template, link, schema."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff

from msgspec import Struct

from buildsteps.results import Case, Location, Outcome, unjudged
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.policies.links import Link
from buildsteps.steps.cedar.policies.policy import Policy
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.steps.cedar.verified_permissions.deployed import DeployedPolicy
from buildsteps.steps.cedar.verified_permissions.folder import LINKS
from buildsteps.steps.cedar.verified_permissions.held import Held, held
from buildsteps.steps.cedar.verified_permissions.matching import Matched, Pair
from buildsteps.steps.cedar.verified_permissions.naming import title
from buildsteps.steps.cedar.verified_permissions.normal_text import normal_text, same_policy
from buildsteps.steps.cedar.verified_permissions.rule_names import CHANGED, MISSING, UNKNOWN

GROUP = "policy store"

_PUSH = "deploy what is in the repository"
_DECIDE = "deploy what is in the repository, or bring the change into it"


class Places(Struct, frozen=True):
    """Where deployed things are shown to stand; ``files`` are by the service's id."""

    folder: str
    files: Mapping[str, str]

    def of(self, policy: DeployedPolicy) -> Location:
        """The file of a policy or template, or the file of links."""
        return Location(path=f"{self.folder}/{self.files.get(policy.id, LINKS)}")


def compared(matched: Matched, places: Places) -> Iterator[Case | Held]:
    """Judge each pair."""
    for pair in matched.policies:
        yield _policy(pair, "policy", places)
    for pair in matched.templates:
        yield _policy(pair, "template", places)
    templates = {one.theirs.id: one.ours.id for one in matched.templates if one.ours and one.theirs}
    for link in matched.links:
        yield _link(link, templates, places)


def uncomparable(inputs: StoreInputs) -> Iterator[Case]:
    """Files and links of the repository that cannot be read: nobody knows what they should be.

    The repository is not validated here, and without these a file that holds nothing readable would
    look as if it were not there.
    """
    for file in inputs.files:
        if error := file.unreadable:
            place = error.location or Location(path=file.source.path)
            yield _uncomparable(file.name, error.message, place)
    for link in inputs.bad_links:
        yield _uncomparable(link.name, link.message, link.location)


def _uncomparable(name: str, message: str, place: Location) -> Case:
    told = f"cannot be compared: {message}"
    return unjudged(name, GROUP, told, kind="policy", locations=(place,))


def passed(name: str, *locations: Location) -> Case:
    """The case of something that is the same on both sides."""
    return Case(name=name, group=GROUP, outcome=Outcome.PASSED, locations=locations)


def _policy(pair: Pair[Policy], kind: str, places: Places) -> Case | Held:
    ours, theirs = pair.ours, pair.theirs
    if ours is None:
        if theirs is None:
            raise AssertionError("a pair has at least one side")
        return _unknown(kind, theirs, normal_text(theirs.text), places)
    name = f"{kind} {ours.id}"
    if theirs is not None and same_policy(ours.text, theirs.text):
        return passed(name, ours.location)
    if error := engine.parse_error(ours.text):  # "deploy it" would be no advice
        return _uncomparable(name, error, ours.location)
    if theirs is None:
        return _missing(kind, name, ours.location)
    before, after = normal_text(ours.text), normal_text(theirs.text)
    place = places.of(theirs)
    return held(
        f"{CHANGED}-{kind}",
        GROUP,
        name,
        f"is deployed otherwise than it is here ({theirs.id})",
        (ours.location, place),
        detail=diff(before, after, ours.location.path, place.path),
        fix=_DECIDE,
    )


def _link(pair: Pair[Link], templates: Mapping[str, str], places: Places) -> Case | Held:
    ours, theirs = pair.ours, pair.theirs
    if ours is None:
        if theirs is None:
            raise AssertionError("a pair has at least one side")
        template = templates.get(theirs.template, theirs.template)
        return _unknown("link", theirs, _filled(template, theirs.values), places)
    name = f"link {ours.id}"
    if theirs is None:
        return _missing("link", name, ours.location)
    before = _filled(ours.template_id, ours.values)
    after = _filled(templates.get(theirs.template, theirs.template), theirs.values)
    if before == after or _same_values(ours, theirs, templates):
        return passed(name, ours.location)
    place = places.of(theirs)
    return held(
        f"{CHANGED}-link",
        GROUP,
        name,
        f"is deployed otherwise than it is here ({theirs.id})",
        (ours.location, place),
        detail=diff(before, after, ours.location.path, place.path),
        fix=_DECIDE,
    )


def _same_values(ours: Link, theirs: DeployedPolicy, templates: Mapping[str, str]) -> bool:
    from buildsteps.steps.cedar.trials.request import uid_pair

    if ours.template_id != templates.get(theirs.template):
        return False
    first = {slot: uid_pair(uid) for slot, uid in ours.values.items()}
    return first == {slot: uid_pair(uid) for slot, uid in theirs.values.items()}


def _filled(template: str, values: Mapping[str, str]) -> str:
    lines = [f"template    {template}"]
    return "\n".join([*lines, *(f"{slot:<12}{uid}" for slot, uid in sorted(values.items()))])


def _missing(kind: str, name: str, place: Location) -> Held:
    message = "is here, but not in the policy store"
    return held(f"{MISSING}-{kind}", GROUP, name, message, (place,), fix=_PUSH)


def _unknown(kind: str, theirs: DeployedPolicy, text: str, places: Places) -> Held:
    name = title(theirs)
    return held(
        f"{UNKNOWN}-{kind}",
        GROUP,
        f"{kind} {name}" if name == theirs.id else f"{kind} {name} ({theirs.id})",
        f"is in the policy store ({theirs.id}), but not here",
        (places.of(theirs),),
        detail=text,
        fix=f"bring it into the repository, delete it there, or accept {UNKNOWN}-{kind}",
    )


def diff(before: str, after: str, ours: str, theirs: str) -> str:
    """What differs: lines of the repository with ``-``, deployed ones with ``+``."""
    lines = unified_diff(before.splitlines(), after.splitlines(), ours, theirs, lineterm="")
    return "\n".join(lines)
