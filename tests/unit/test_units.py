import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.units import Dimension, shown


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (0.7812, Dimension.TIME, "781 ms"),
        (0.00012, Dimension.TIME, "0.12 ms"),
        (0.0, Dimension.TIME, "0 s"),
        (1.0, Dimension.TIME, "1 s"),
        (90.0, Dimension.TIME, "90 s"),
        (1200.0, Dimension.TIME, "20 min"),
        (3 * 3600.0, Dimension.TIME, "3 h"),
        (3 * 86_400.0, Dimension.TIME, "3 d"),
        (0.0012, Dimension.SHARE, "0.12 %"),
        (1.0, Dimension.SHARE, "100 %"),
        (53.125, Dimension.RATE, "53.1/s"),
        (2 / 86_400, Dimension.RATE, "2/d"),
        (0.0, Dimension.RATE, "0/s"),
        (1234.0, Dimension.COUNT, "1,234"),
        (2.5, Dimension.COUNT, "2.5"),
        (math.inf, Dimension.TIME, "inf"),
    ],
)
def test_numbers_are_written_for_people(value: float, dimension: Dimension, text: str) -> None:
    assert shown(value, dimension) == text


@given(
    value=st.floats(0.0001, 1e6),
    other=st.floats(0.0001, 1e6),
    dimension=st.sampled_from(list(Dimension)),
)
def test_two_values_look_different_unless_they_nearly_are_one(
    value: float, other: float, dimension: Dimension
) -> None:
    if not math.isclose(value, other, rel_tol=1e-12):
        assert shown(value, dimension, other) != shown(other, dimension)
