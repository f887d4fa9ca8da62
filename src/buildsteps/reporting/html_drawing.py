"""A chart as SVG by Matplotlib, to stand within a page and take its colours.

No text from outside goes into the picture, only numbers: names and units stand beside it in the
page. So nothing can be taken for Matplotlib's own notation of formulas, or for markup.
"""

import io
import re
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from buildsteps.reporting.html_style import SERIES_COLOURS
from buildsteps.results import Chart, Series

SIZE = (11.0, 2.7)
"""Inches; the page scales the picture to its width."""

_INK = "#010203"
_SERIES = tuple(f"#0102{16 + at:02x}" for at in range(SERIES_COLOURS))
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "axes.edgecolor": _INK,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 11,
    "grid.alpha": 0.18,
    "grid.color": _INK,
    "lines.linewidth": 2,
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}
_COLOURS = {_INK: "currentColor"} | {
    colour: f"var(--series-{at})" for at, colour in enumerate(_SERIES)
}
_COLOUR = re.compile("|".join(_COLOURS))
_NAME = re.compile(r'(\bid="|url\(#|href="#)')


def drawn(chart: Chart, prefix: str) -> str:
    """Return the chart as an ``svg`` element; ``prefix`` makes its ids unique in the page.

    Axes include 0. Colours are ``currentColor`` and the page's ``--series-N``, in the order of
    the series, then of the levels.
    """
    with matplotlib.rc_context():
        # a `matplotlibrc` in the folder that is being built has no say (it could start LaTeX)
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({**_SETTINGS, "svg.hashsalt": prefix})
        figure = Figure(figsize=SIZE, layout="constrained")
        _draw(chart, figure.add_subplot())
        text = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(text, format="svg", transparent=True, metadata=nothing)
    return _as_element(text.getvalue(), prefix)


def _draw(chart: Chart, axes: Axes) -> None:
    for at, series in enumerate(chart.series):
        _line(axes, series, _SERIES[at % SERIES_COLOURS])
    for at, level in enumerate(chart.levels, len(chart.series)):
        colour = _SERIES[at % SERIES_COLOURS]
        axes.axhline(level.value, color=colour, linestyle=(0, (5, 3)), linewidth=1.5, zorder=1.5)
    values = [y for one in chart.series for y in one.y if y is not None]
    values += [0.0, *(level.value for level in chart.levels)]
    lowest, highest = min(values), max(values)
    axes.set_ylim(lowest, highest + (highest - lowest) * 0.08 or 1)
    axes.set_xlim(min([0.0, *(x for series in chart.series for x in series.x)]))
    axes.grid(visible=True, axis="y")
    axes.tick_params(length=0)
    for axis in (axes.xaxis, axes.yaxis):
        most = 5 if axis is axes.yaxis else 12
        axis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def _line(axes: Axes, series: Series, colour: str) -> None:
    """A line; a value whose neighbours are missing is a dot, because a line cannot show it."""
    values = [float("nan") if value is None else value for value in series.y]
    beside = [None, *series.y, None]
    alone = [
        at
        for at in range(len(values))
        if beside[at] is None and beside[at + 2] is None and beside[at + 1] is not None
    ]
    # not clipped, so that a line along the axis is as thick as others
    axes.plot(
        series.x, values, color=colour, marker="o", markersize=4, markevery=alone, clip_on=False
    )


def _as_element(document: str, prefix: str) -> str:
    """The element alone, without the XML declaration, its colours and ids made the page's."""
    element = document[document.index("<svg") :]
    element = re.sub(r"\s*<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    element = _COLOUR.sub(lambda match: _COLOURS[match[0]], element)
    return _NAME.sub(rf"\g<1>{prefix}", element).replace("<svg ", '<svg aria-hidden="true" ', 1)
