"""What is wrong with a request that the engine refuses, in the words of whoever wrote it."""

import re
from typing import TYPE_CHECKING

from buildsteps.steps.cedar.text.syntax import quoted
from buildsteps.steps.cedar.trials.request import Request, shown, uid_pair
from buildsteps.steps.cedar.trials.type_misfits import attributes_misfit

if TYPE_CHECKING:
    from buildsteps.steps.cedar.schemas.model import SchemaModel

_NO_UID = re.compile(r"failed to parse (principal|action|resource) as entity uid", re.IGNORECASE)
_NO_CONTEXT = re.compile(r"context `.*` is not valid for `", re.DOTALL)


def no_uid(message: str, request: Request) -> str:
    """The sentence about a principal, action or resource that is no uid, or nothing."""
    found = _NO_UID.match(message)
    if found is None:
        return ""
    part = found[1].lower()
    given = {"principal": request.principal, "action": request.action, "resource": request.resource}
    return f'the {part} `{shown(given[part])}` is no entity uid such as `User::"alice"`'


def context_misfit(message: str, request: Request, model: "SchemaModel | None") -> str:
    """Which value does not fit, to end the complaint about a context with, or nothing."""
    if model is None or not _NO_CONTEXT.match(message):
        return ""
    kind, name = uid_pair(request.action)
    action = model.actions.get(f"{kind}::{quoted(name)}")
    found = attributes_misfit(request.context, action.context.attributes) if action else ""
    return f": {found}" if found else ""
