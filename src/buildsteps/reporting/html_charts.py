"""Charts of a report in a page: drawn where Matplotlib is installed, and as numbers always."""

import logging
from collections.abc import Callable, Sequence

from buildsteps.reporting.html_style import SERIES_COLOURS
from buildsteps.reporting.html_text import folded, inline, table
from buildsteps.results import Chart, Level, Series

EXTRA = "pip install 'buildsteps[charts]'"
"""What installs all that drawing needs."""

Drawing = Callable[[Chart, str], str]


def charts_of(charts: Sequence[Chart]) -> str:
    """Return all charts; without Matplotlib their numbers, and what to install to see them."""
    shown = [chart for chart in charts if any(_has_values(one) for one in chart.series)]
    if not shown:
        return ""
    drawing, hint = _drawing()
    return hint + "".join(_figure(chart, number, drawing) for number, chart in enumerate(shown))


def _has_values(series: Series) -> bool:
    return any(value is not None for value in series.y)


def _drawing() -> tuple[Drawing | None, str]:
    """What draws; where nothing can, None and a paragraph that says what to do."""
    # before the import, which speaks of fonts and of any `matplotlibrc` in the folder
    logging.getLogger("matplotlib").setLevel(logging.CRITICAL)
    try:
        from buildsteps.reporting.html_drawing import drawn
    except ImportError:
        return None, f"<p>Drawn as charts after <code>{inline(EXTRA)}</code>.</p>\n"
    except ValueError as error:  # a `matplotlibrc` in the working folder that is no text
        sentence = f"Not drawn: Matplotlib cannot read its matplotlibrc ({error})."
        return None, f"<p>{inline(sentence)}</p>\n"
    return drawn, ""


def _figure(chart: Chart, number: int, drawing: Drawing | None) -> str:
    caption = f"<figcaption>{inline(chart.title)} ({inline(chart.unit)})</figcaption>\n"
    if drawing is None:
        return f"<figure>\n{caption}{_levels(chart)}{_numbers(chart)}</figure>\n"
    picture = drawing(chart, f"chart-{number}-")
    along = f'<p class="along quiet">{inline(chart.along)}</p>\n'
    return (
        f'<figure>\n{caption}{_legend(chart)}<div class="wide">\n{picture}</div>\n'
        f"{along}{folded('numbers', _numbers(chart))}</figure>\n"
    )


def _legend(chart: Chart) -> str:
    names = [(one.name, "key") for one in chart.series]
    names += [(_level(one), "key level") for one in chart.levels]
    lines = "".join(
        f'<li><span class="{kind}" style="color: {colour(at)}"></span>{inline(name)}</li>\n'
        for at, (name, kind) in enumerate(names)
    )
    return f'<ul class="legend">\n{lines}</ul>\n'


def colour(at: int) -> str:
    """The colour of the series or level at a place, as CSS."""
    return f"var(--series-{at % SERIES_COLOURS})"


def _levels(chart: Chart) -> str:
    return "".join(f"<p>{inline(_level(one))}</p>\n" for one in chart.levels)


def _level(level: Level) -> str:
    return f"{level.name}: {number_words(level.value)}"


def _numbers(chart: Chart) -> str:
    places = sorted({x for series in chart.series for x in series.x})
    values = [dict(zip(series.x, series.y, strict=True)) for series in chart.series]
    rows = (
        [number_words(place), *(number_words(of.get(place)) for of in values)] for place in places
    )
    names = (inline(series.name) for series in chart.series)
    return table([inline(chart.along), *names], rows, "numbers")


def number_words(value: float | None) -> str:
    """A number with four digits that count, or all before the point; empty for None."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
