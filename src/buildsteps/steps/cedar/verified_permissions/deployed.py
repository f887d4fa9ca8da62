"""What a policy store holds, as values."""

from collections.abc import Mapping

from msgspec import Struct


class DeployedPolicy(Struct, frozen=True, kw_only=True):
    """A policy or template of the store, or, with ``template``, a link.

    ``id`` is the service's own; ``name`` is without its prefix. ``text`` is the Cedar text, and
    empty for a link, which fills the slots with ``values``, as Cedar writes entities.
    """

    id: str
    text: str = ""
    name: str = ""
    description: str = ""
    template: str = ""
    values: Mapping[str, str] = {}


class Deployed(Struct, frozen=True, kw_only=True):
    """A policy store as it was at one moment; without ``schema`` it has none.

    ``cedar_version`` is the service's word, such as ``CEDAR_4``; ``mode`` how it validates,
    ``STRICT`` or ``OFF``.
    """

    id: str
    arn: str
    mode: str
    cedar_version: str
    schema: str
    policies: tuple[DeployedPolicy, ...]
    templates: tuple[DeployedPolicy, ...]
    links: tuple[DeployedPolicy, ...]
