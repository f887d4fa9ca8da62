"""Template links: which templates are filled with whom, and whether the result is valid."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from buildsteps.errors import BuildstepsError, UsageError
from buildsteps.nearest import suggestion
from buildsteps.results import Location
from buildsteps.source import SourceText
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.policies.policy import LinkedPolicy, Policy, PolicyFile, joined
from buildsteps.steps.cedar.text import json_text
from buildsteps.steps.cedar.text.entity_uids import for_engine
from buildsteps.world import World

if TYPE_CHECKING:
    from buildsteps.steps.cedar.schemas.model import SchemaModel

_KEYS = ("template_id", "link_id", "args")
_SLOTS = ("?principal", "?resource")


class Link(Struct, frozen=True, kw_only=True):
    """An element of a template links file; ``engine_id`` cannot collide with a position."""

    id: str
    template_id: str
    values: Mapping[str, str]
    source: SourceText
    offset: int
    engine_id: str

    @property
    def location(self) -> Location:
        """Where the link stands."""
        return self.source.location(self.offset)


class BadLink(Struct, frozen=True):
    """A link, or what should be one, that makes no policy, and why."""

    name: str
    message: str
    location: Location
    excerpt: str


def read_links(
    paths: Sequence[Path], files: Sequence[PolicyFile], world: World
) -> tuple[list[Link], list[BadLink]]:
    """Read template links: ``[{"template_id", "link_id", "args": {slot: uid}}]``.

    They stand in files of their own, or in JSON policy sets among the policy ``files``.
    """
    links: list[Link] = []
    bad: list[BadLink] = []
    for path in paths:
        try:
            source = SourceText(world.shown(path), world.files.read_text(path))
            elements = json_text.decode(source)
            if not isinstance(elements, list):
                raise UsageError("expected a list of template links", source.location(0))
        except BuildstepsError as error:
            place = error.location or Location(path=world.shown(path))
            bad.append(BadLink(path.name, error.message, place, error.detail))
            continue
        _take(elements, json_text.element_offsets(source.text), source, links, bad)
    for file in files:
        if file.json_links:
            start = max(file.source.text.find('"templateLinks"'), 0)
            _take(file.json_links, [start] * len(file.json_links), file.source, links, bad)
    return links, bad


def _take(
    elements: Sequence[Any],
    offsets: Sequence[int],
    source: SourceText,
    links: list[Link],
    bad: list[BadLink],
) -> None:
    """Sort the elements of a document into links and what should have been some."""
    for number, element in enumerate(elements):
        offset = offsets[number] if number < len(offsets) else 0
        problem = _problem(element)
        if problem:
            bad.append(_bad(_name(element, number), problem, source, offset))
            continue
        links.append(
            Link(
                id=element["link_id"],
                template_id=element["template_id"],
                values=element["args"],
                source=source,
                offset=offset,
                engine_id=f"link {len(links)}",
            )
        )


def _name(element: Any, number: int) -> str:
    if isinstance(element, Mapping) and isinstance(element.get("link_id"), str):
        return str(element["link_id"])
    return f"link {number + 1}"


def _problem(element: Any) -> str:
    if not isinstance(element, Mapping):
        return "expected an object with `template_id`, `link_id` and `args`"
    for key in element:
        if key not in _KEYS:
            return f"unknown key `{key}`.{suggestion(key, _KEYS)}"
    for key in ("template_id", "link_id"):
        if not isinstance(element.get(key), str):
            return f"the key `{key}` must be text"
    arguments = element.get("args")
    if not isinstance(arguments, Mapping):
        return "the key `args` must be an object"
    for slot, value in arguments.items():
        if slot not in _SLOTS or not isinstance(value, str):
            return "`args` fills `?principal` and `?resource`, each with an entity uid as text"
    return ""


def _bad(name: str, message: str, source: SourceText, offset: int) -> BadLink:
    return BadLink(name, message, source.location(offset), source.excerpt(offset))


def link_all(
    links: Sequence[Link],
    policies: engine.PolicySet,
    known: Sequence[Policy],
    schema: engine.Schema | None,
    model: Callable[[], "SchemaModel | None"],
) -> tuple[engine.PolicySet, dict[str, LinkedPolicy], list[BadLink]]:
    """Link what can be linked: the set with the links, what each makes, and those that fail.

    ``model`` is asked for the names to suggest.
    """
    by_id = {policy.id: policy for policy in known}
    good: list[Link] = []
    bad: list[BadLink] = []
    taken = {policy.id for policy in known if not policy.statement.is_template}
    for link in links:
        problem = _unlinkable(link, by_id, taken)
        if problem:
            bad.append(_bad(link.id, problem, link.source, link.offset))
        else:
            taken.add(link.id)
            good.append(link)
    for link, messages in _invalid(good, by_id, schema):
        good.remove(link)
        said = "; ".join(_with_nearest(messages, model))
        bad.append(_bad(link.id, said, link.source, link.offset))
    if good:
        number = {policy.id: n for n, policy in enumerate(known)}
        policies = policies.with_linked_batch([_instruction(link, number) for link in good])
    linked = {
        link.engine_id: LinkedPolicy(
            id=link.id,
            template=by_id[link.template_id],
            location=link.location,
            values=link.values,
        )
        for link in good
    }
    return policies, linked, bad


def _with_nearest(
    messages: Sequence[str], model: Callable[[], "SchemaModel | None"]
) -> Iterator[str]:
    from buildsteps.steps.cedar.text.known_names import nearest_name

    return (message + nearest_name(message, model()) for message in messages)


def _unlinkable(link: Link, by_id: Mapping[str, Policy], taken: set[str]) -> str:
    if link.id in taken:
        return f"the id `{link.id}` is taken by another policy or link"
    if link.template_id not in by_id:
        candidates = [name for name, one in by_id.items() if one.statement.is_template]
        nearest = suggestion(link.template_id, candidates)
        return f"there is no valid template `{link.template_id}`.{nearest}"
    if not by_id[link.template_id].statement.is_template:
        return f"`{link.template_id}` is a policy, not a template"
    return ""


def _instruction(link: Link, number: Mapping[str, int]) -> dict[str, Any]:
    return {
        "template_id": f"policy{number[link.template_id]}",
        "new_id": link.engine_id,
        "values": {slot: for_engine(uid) for slot, uid in link.values.items()},
    }


def _invalid(
    links: Sequence[Link], by_id: Mapping[str, Policy], schema: engine.Schema | None
) -> list[tuple[Link, list[str]]]:
    """The links that make no valid policy, and why.

    All are tried at once, against the templates alone; only if that fails, one by one.
    """
    used = list(dict.fromkeys(link.template_id for link in links))
    number = {template: n for n, template in enumerate(used)}
    templates = engine.parse_policies(joined([by_id[template] for template in used]))
    if templates is None or not _errors_of(templates, links, number, schema):
        return []
    errors = ((link, _errors_of(templates, [link], number, schema)) for link in links)
    return [(link, messages) for link, messages in errors if messages]


def _errors_of(
    templates: engine.PolicySet,
    links: Sequence[Link],
    number: Mapping[str, int],
    schema: engine.Schema | None,
) -> list[str]:
    """Why these links make no valid policies, or nothing.

    ``validate_policies`` takes no handle, but the text of a handle renders its links filled in.
    """
    try:
        linked = templates.with_linked_batch([_instruction(link, number) for link in links])
    except ValueError as error:
        if "unable to link" in str(error):
            return ["its `args` do not fill exactly the slots of the template"]
        return [str(error)]
    if schema is None:
        return []
    errors = engine.validate(str(linked), schema)
    if not errors:
        return []
    # needed only where something is wrong
    from buildsteps.steps.cedar.policies import validation
    from buildsteps.steps.cedar.text import positions

    messages = dict.fromkeys(positions.clean_message(one.message) for one in errors)
    return validation.telling(list(messages))
