"""``signatures list`` and ``signatures delete``."""

from buildsteps.results import Report
from buildsteps.step import Step, Text
from buildsteps.steps.signing.signatures.options import DeleteOptions, ListOptions
from buildsteps.world import World


def collect_list(options: ListOptions, world: World) -> Text:
    """Look each image up, and show what is stored for it.

    Raises:
        UsageError: no image was given, one is misspelled, or not there.
        RegistryError: a registry is of no use.
    """
    from buildsteps.errors import UsageError
    from buildsteps.steps.signing.signatures.listing import Listed, data_of, text_of
    from buildsteps.steps.signing.signatures.looking_up import opened
    from buildsteps.steps.signing.signatures.stored import stored_signatures
    from buildsteps.world.concurrency import threaded_map

    if not options.images:
        raise UsageError("no IMAGE was given")
    places = opened(options.images, options.insecure_registry, world)

    def look(written: str) -> Listed:
        place = places[written]
        image = place.image()
        return Listed(written, image, stored_signatures(place.registry, image))

    listed = list(threaded_map(look, list(places)))
    return Text(text_of(listed), data_of(listed))


def collect_delete(options: DeleteOptions, world: World) -> Report:
    """Look up what is stored, choose, ask, and do it.

    Raises:
        UsageError: the options contradict each other, or nobody said yes.
    """
    from buildsteps.errors import BuildstepsError
    from buildsteps.results import Case
    from buildsteps.steps.signing.signatures.choice import chosen_of, confirm, wanted_of
    from buildsteps.steps.signing.signatures.deletion import cases_of, notes_of, refused
    from buildsteps.steps.signing.signatures.looking_up import opened

    wanted = wanted_of(options, may_ask=world.ask is not None)
    cases: list[Case] = []
    chosen = []
    places = opened(options.images, options.insecure_registry, world)
    for written, place in places.items():
        try:
            found, others = chosen_of(options, written, place)
        except BuildstepsError as error:
            cases.append(refused(written, written, error))
            continue
        chosen += found
        cases += others
    if chosen and not (options.yes or options.dry_run):
        confirm(chosen, wanted, world)
    cases += cases_of(chosen, wanted, world.aws)
    order = list(places)
    cases.sort(key=lambda case: order.index(case.group))
    return Report(
        cases=cases,
        facts={"dry_run": options.dry_run, "images": list(places)},
        notes=notes_of(cases, wanted),
        emptiness="there is no signature" if places else "no IMAGE was given",
    )


LIST = Step("signatures list", ListOptions, collect_list, gives_text=lambda _options: True)
DELETE = Step("signatures delete", DeleteOptions, collect_delete)
