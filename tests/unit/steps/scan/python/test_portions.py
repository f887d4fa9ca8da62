import os
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from buildsteps.steps.scan.python.files import argument
from buildsteps.steps.scan.python.portions import fitting, portions

names = st.lists(st.text(min_size=1, max_size=40), unique=True, max_size=60)


@given(files=names, sizes=st.randoms(), processes=st.integers(1, 9))
def test_every_file_is_in_one_portion_and_each_portion_in_order(
    files: list[str], sizes: Random, processes: int
) -> None:
    weights = [sizes.randrange(1000) for _ in files]
    shares = portions(files, weights, processes, 100) if files else []
    assert sorted(path for share in shares for path in share) == sorted(files)
    assert len(shares) <= processes
    for share in shares:
        assert list(share) == sorted(share, key=files.index)


def test_small_work_is_not_spread() -> None:
    assert portions(["a", "b"], [10, 10], 8, 1000) == [("a", "b")]


def test_the_largest_file_has_a_process_for_itself() -> None:
    shares = portions(["a", "big", "c"], [10, 90, 10], 2, 10)
    assert sorted(shares) == [("a", "c"), ("big",)]


def test_long_lists_fit_into_the_arguments_of_a_process() -> None:
    files = [f"{number:05}/{'x' * 200}.py" for number in range(3000)]
    shares = fitting(files)
    assert [path for share in shares for path in share] == files
    assert all(sum(len(path) + 3 for path in share) <= 120_000 for share in shares)
    assert len(shares) == 6


def test_no_name_is_taken_for_an_option() -> None:
    assert argument("-rf.py") == "./-rf.py"
    assert argument("-") == "./-"
    assert argument(f"{os.sep}a.py") == f"{os.sep}a.py"
