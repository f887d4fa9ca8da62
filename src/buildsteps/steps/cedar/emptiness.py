"""Why there was nothing to judge, in a sentence."""

from buildsteps.steps.cedar.settings import ValidateOptions


def emptiness(options: ValidateOptions, *, found_any: bool) -> str:
    """What the options left to judge: no store at all, or ``found_any`` and nothing of it."""
    if not found_any:
        where = ", ".join(f"`{path}`" for path in options.paths or (".",))
        return f"there is no Cedar policy or schema below {where}"
    if options.filter:
        return f"no case matches --filter {' '.join(options.filter)}"
    return "no policy and no test was found"
