"""What a command is: a name, its options, and the work. Light, because ``--help`` imports it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Union

from msgspec import Struct

from buildsteps.options import CommonOptions

if TYPE_CHECKING:
    from buildsteps.results import Report


class Text(Struct, frozen=True):
    """The product of a command that judges nothing: a text, and the same as data for JSON."""

    text: str
    data: Any = None


class Step(Struct, frozen=True):
    """All that a command gives.

    ``collect`` takes the options and the :class:`~buildsteps.world.World`; it imports the
    engine it needs itself, so that help and configuration never load it.
    ``gives_text`` tells whether with these options it judges nothing and only prints: then no
    report of an earlier run is touched.
    ``judges_configuration`` makes a wrong configuration file its subject, not a wrong call: its
    own options then come from flags and environment alone.
    """

    name: str
    options: type[CommonOptions]
    collect: Callable[[Any, Any], Union["Report", Text]]
    gives_text: Callable[[Any], bool] = lambda _options: False
    judges_configuration: bool = False
