"""The table of formats: which module renders which; imported when asked for."""

from importlib import import_module

from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.reporting.interface import Reporter

FORMATS = {
    "github": "buildsteps.reporting.github",
    "html": "buildsteps.reporting.html",
    "json": "buildsteps.reporting.json",
    "junit": "buildsteps.reporting.junit",
    "markdown": "buildsteps.reporting.markdown",
    "sarif": "buildsteps.reporting.sarif",
    "terminal": "buildsteps.reporting.terminal",
}


def check_name(name: str) -> None:
    """Check that there is a reporter called ``name``.

    Raises:
        UsageError: there is none; with the nearest one.
    """
    if name not in FORMATS:
        listed = f" Known are {', '.join(f'`{one}`' for one in FORMATS)}."
        raise UsageError(f"unknown format `{name}`.{suggestion(name, FORMATS) or listed}")


def reporter(name: str) -> Reporter:
    """The reporter of format ``name``.

    Raises:
        UsageError: there is none.
    """
    check_name(name)
    render: Reporter = import_module(FORMATS[name]).render
    return render
