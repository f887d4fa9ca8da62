"""The commands about Cedar; the engine is imported when one of them runs."""

from buildsteps.results import Report
from buildsteps.step import Step, Text
from buildsteps.steps.cedar.formatting.settings import FormatOptions
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.world import World


def _validate(options: ValidateOptions, world: World) -> Report | Text:
    from buildsteps.steps.cedar import validate

    return validate.collect(options, world)


def _format(options: FormatOptions, world: World) -> Report | Text:
    from buildsteps.steps.cedar.formatting import files

    return files.collect(options, world)


def _gives_text(options: ValidateOptions) -> bool:
    return options.list or options.init_tests


VALIDATE = Step("cedar-validate", ValidateOptions, _validate, gives_text=_gives_text)
FORMAT = Step("cedar-format", FormatOptions, _format)
