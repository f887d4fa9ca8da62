"""What our checks cost that the bare calls do not have, and that no switch leaves out.

``python -m benchmarks.price thousand|small FOLDER`` prints, line by line, a processor time in
seconds and what it is; the last line is the whole command after the interpreter has started.
"""

import contextlib
import io
import sys
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from buildsteps import cli
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.policies import validation

Prices = dict[str, float]

IMPOSSIBLE = "the impossible-policy check"
POLICIES = "validating the policies"
REQUESTS = "checking requests and entities against the schema"


def thousand(folder: str, prices: Prices) -> None:
    """One store: the impossible-policy check, and what the schema costs requests and entities."""
    with _checked_apart(prices), _timed(validation, "impossible", IMPOSSIBLE, prices):
        _run(folder, prices)


def small(folder: str, prices: Prices) -> None:
    """Integration tests, for which nobody looks for impossible policies."""
    with (
        _checked_apart(prices),
        _timed(engine, "validation_messages", POLICIES, prices),
        _timed(validation, "impossible", IMPOSSIBLE, prices),
    ):
        _run(folder, prices, "--jobs", "1")


def _run(folder: str, prices: Prices, *more: str) -> None:
    started = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        code = cli.main(["cedar-validate", folder, "-q", *more])
    if code != 0:
        raise SystemExit(f"the command exited {code}")
    whole = time.process_time() - started
    prices["the command"] = whole - prices.pop(_TWICE, 0.0)


_TWICE = "what was done a second time, without the schema"


@contextlib.contextmanager
def _checked_apart(prices: Prices) -> Any:
    """Ask everything a second time without the schema: the difference is what it costs."""
    really, load = engine.authorize, engine.Entities

    def authorize(requests: Any, policies: Any, entities: Any, schema: Any) -> Any:
        answers, checked = _clocked(lambda: really(requests, policies, entities, schema))
        _, bare = _clocked(lambda: really(requests, policies, entities, None))
        _add(prices, checked, bare if schema is not None else checked)
        return answers

    class Entities:
        @staticmethod
        def from_json_str(text: str, schema: Any = None) -> Any:
            loaded, checked = _clocked(lambda: load.from_json_str(text, schema))
            _, bare = _clocked(lambda: load.from_json_str(text))
            _add(prices, checked, bare if schema is not None else checked)
            return loaded

    with _replaced(engine, "authorize", authorize), _replaced(engine, "Entities", Entities):
        yield


def _add(prices: Prices, checked: float, bare: float) -> None:
    prices[REQUESTS] = prices.get(REQUESTS, 0.0) + checked - bare
    prices[_TWICE] = prices.get(_TWICE, 0.0) + bare


@contextlib.contextmanager
def _timed(module: Any, name: str, what: str, prices: Prices) -> Any:
    """Put a clock around a function of a module."""
    really = getattr(module, name)
    prices[what] = 0.0

    @wraps(really)
    def timed(*arguments: Any, **named: Any) -> Any:
        product, seconds = _clocked(lambda: really(*arguments, **named))
        prices[what] += seconds
        return product

    with _replaced(module, name, timed):
        yield


@contextlib.contextmanager
def _replaced(module: Any, name: str, by: Any) -> Any:
    really = getattr(module, name)
    setattr(module, name, by)
    try:
        yield
    finally:
        setattr(module, name, really)


def _clocked(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.process_time()
    product = work()
    return product, time.process_time() - started


if __name__ == "__main__":
    found: Prices = {}
    {"thousand": thousand, "small": small}[sys.argv[1]](sys.argv[2], found)
    for what, seconds in found.items():
        print(f"{seconds:.4f} {what}")
