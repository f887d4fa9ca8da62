"""What ``cedar-validate --list`` shows."""

from buildsteps.errors import UsageError
from buildsteps.reporting.text import encodable, printable
from buildsteps.step import Text
from buildsteps.steps.cedar.emptiness import emptiness
from buildsteps.steps.cedar.policies.checks import VALIDATE
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.stores.inputs import read_store, store_facts, store_note
from buildsteps.steps.cedar.stores.selection import Selection
from buildsteps.steps.cedar.stores.store import Found
from buildsteps.world import World


def listing(found: Found, options: ValidateOptions, world: World) -> Text:
    """The cases that a run would judge, without judging them.

    Raises:
        UsageError: there is none.
    """
    selection = Selection.of(options.filter)
    lines: list[str] = []
    data = []
    for store in found.stores:
        inputs = read_store(store, world)
        names = [(VALIDATE, f"{VALIDATE} {file.name}") for file in inputs.files]
        names += [(trial.group, trial.name) for trial in inputs.trials]
        prefix = f"{store.name}: " if len(found.stores) > 1 else ""
        selected = [name for name in names if selection.has(*name, prefix)]
        facts = store_facts(inputs)
        lines += [store_note(facts), *(f"  {group} > {name}" for group, name in selected)]
        cases = [{"group": encodable(g), "name": encodable(n)} for g, n in selected]
        data.append({**facts, "cases": cases})
    if not found.integration and not any(one["cases"] for one in data) and not options.allow_empty:
        why = emptiness(options, found_any=bool(lines))
        raise UsageError(f"there is nothing to list: {why}")
    integration = [encodable(world.shown(path)) for path in found.integration]
    lines += [f"  {path}" for path in integration]
    text = printable("\n".join(lines), multiline=True)
    return Text(text, {"stores": data, "integration_tests": integration})
