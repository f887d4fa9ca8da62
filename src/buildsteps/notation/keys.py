"""What notation signs with."""

from msgspec import Struct


class LocalKey(Struct, frozen=True):
    """A key of the configuration's ``signingkeys.json``, by name."""

    name: str


class PluginKey(Struct, frozen=True):
    """A key that a plugin knows: the plugin's name, and the key's id.

    For AWS Signer that is :data:`SIGNER_PLUGIN` and a signing profile's ARN, without a version.
    """

    plugin: str
    id: str


Key = LocalKey | PluginKey

SIGNER_PLUGIN = "com.amazonaws.signer.notation.plugin"
"""The name of AWS Signer's plugin for notation."""
