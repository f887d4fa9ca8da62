"""Which rules apply: all that are on by default, or what the options say."""

from collections.abc import Iterable

from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.steps.cedar.linting.rule import Rule
from buildsteps.steps.cedar.linting.rules import RULES
from buildsteps.steps.cedar.linting.settings import LintOptions


def chosen(options: LintOptions) -> tuple[Rule, ...]:
    """The rules of this run, in the order of the table.

    Raises:
        UsageError: a rule that there is not, or no rule that is left.
    """
    for flag, names in (
        ("--only", options.only),
        ("--disable", options.disable),
        ("--enable", options.enable),
    ):
        _check(flag, names)
    asked = {*options.only, *options.enable}
    found = tuple(
        rule
        for rule in RULES
        if rule.id not in options.disable
        and (rule.id in asked or (rule.by_default and not options.only))
    )
    if not found:
        raise UsageError("--disable leaves no rule to apply")
    return found


def _check(flag: str, names: Iterable[str]) -> None:
    known = [rule.id for rule in RULES]
    for name in names:
        if name not in known:
            nearest = suggestion(name, known)
            raise UsageError(
                f"{flag}: there is no rule `{name}`.{nearest or ' There are: ' + ', '.join(known)}"
            )
