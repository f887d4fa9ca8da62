"""Is the deployed schema the repository's? Compared as values, whatever the syntax and order."""

from typing import Any

import msgspec

from buildsteps.results import Case, Location, unjudged
from buildsteps.steps.cedar.schemas.schema import LoadedSchema
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.steps.cedar.verified_permissions.comparing import (
    GROUP,
    diff,
    passed,
)
from buildsteps.steps.cedar.verified_permissions.folder import SCHEMA
from buildsteps.steps.cedar.verified_permissions.held import Held, held
from buildsteps.steps.cedar.verified_permissions.rule_names import CHANGED, MISSING, UNKNOWN


def compare_schemas(ours: StoreInputs, theirs: StoreInputs, folder: str) -> Case | Held | None:
    """Judge the schemas; None where neither side has one."""
    name = f"schema {ours.store.schema.name if ours.store.schema else SCHEMA}"
    here, there = Location(path=ours.schema_path or ""), Location(path=f"{folder}/{SCHEMA}")
    if ours.schema_error or theirs.schema_error:
        which = here if ours.schema_error else there
        return unjudged(
            name, GROUP, "is not valid, so it cannot be compared", kind="schema", locations=(which,)
        )
    first, second = ours.schema, theirs.schema
    if first is None and second is None:
        return None
    if second is None:
        return held(f"{MISSING}-schema", GROUP, name, "the policy store has no schema", (here,))
    if first is None:
        message = "the policy store has a schema, and there is none here"
        return held(f"{UNKNOWN}-schema", GROUP, name, message, (there,))
    if _same(first, second):
        return passed(name, here)
    return held(
        f"{CHANGED}-schema",
        GROUP,
        name,
        "is deployed otherwise than it is here",
        (here, there),
        detail=diff(str(first.handle), str(second.handle), here.path, there.path),
        fix="deploy the schema of the repository, or bring the change into it",
    )


def _same(first: LoadedSchema, second: LoadedSchema) -> bool:
    if str(first.handle) == str(second.handle):
        return True
    if first.model is None or second.model is None:
        return False
    return bool(_value(first.model) == _value(second.model))


def _value(model: Any) -> Any:
    """Builtins in which lists, which are all sets, have one order."""
    return _sorted(msgspec.to_builtins(model))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(one) for one in value), key=repr)
    return value
