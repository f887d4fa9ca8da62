"""The commands about Cedar; the engine is imported when one of them runs."""

from buildsteps.results import Report
from buildsteps.step import Step, Text
from buildsteps.steps.cedar.difference.settings import DiffOptions
from buildsteps.steps.cedar.formatting.settings import FormatOptions
from buildsteps.steps.cedar.linting.settings import LintOptions
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.world import World


def _validate(options: ValidateOptions, world: World) -> Report | Text:
    from buildsteps.steps.cedar import validate

    return validate.collect(options, world)


def _format(options: FormatOptions, world: World) -> Report | Text:
    from buildsteps.steps.cedar.formatting import files

    return files.collect(options, world)


def _diff(options: DiffOptions, world: World) -> Report:
    from buildsteps.steps.cedar.difference import compare

    return compare.collect(options, world)


def _lint(options: LintOptions, world: World) -> Report:
    from buildsteps.steps.cedar.linting import lint

    return lint.collect(options, world)


def _gives_text(options: ValidateOptions) -> bool:
    return options.list or options.init_tests


VALIDATE = Step("cedar-validate", ValidateOptions, _validate, gives_text=_gives_text)
FORMAT = Step("cedar-format", FormatOptions, _format)
DIFF = Step("cedar-diff", DiffOptions, _diff)
LINT = Step("cedar-lint", LintOptions, _lint)
