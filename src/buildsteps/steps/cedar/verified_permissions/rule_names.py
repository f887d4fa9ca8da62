"""The rules by which what these checks find can be accepted; light, for every run reads it."""

MISSING, UNKNOWN, CHANGED = "missing", "unknown", "changed"
KINDS = ("policy", "template", "link", "schema")
"""A difference is one of the first with one of the second: ``changed-policy``."""

POLICY_SIZE = "policy-too-large"
SCOPE = "template-scope-open"
TEMPLATES = "too-many-templates"
RESOURCE_SIZE = "resource-too-large"
LINK_ENTITY = "link-entity-too-long"
SCHEMA_SIZE = "schema-too-large"
NAMESPACE = "namespace-not-allowed"
EMPTY_KEY = "schema-key-empty"
SEVERAL_NAMESPACES = "several-namespaces"

OTHER_ENGINE = "other-cedar-version"
VALIDATION_OFF = "validation-off"
OTHER_REASON = "other-reason-deployed"

OF_FILES = frozenset(
    {
        POLICY_SIZE,
        SCOPE,
        TEMPLATES,
        RESOURCE_SIZE,
        LINK_ENTITY,
        SCHEMA_SIZE,
        NAMESPACE,
        EMPTY_KEY,
        SEVERAL_NAMESPACES,
    }
)
"""What ``--for-verified-permissions`` can find."""

RULES = OF_FILES | {
    OTHER_ENGINE,
    VALIDATION_OFF,
    OTHER_REASON,
    *(f"{what}-{kind}" for what in (MISSING, UNKNOWN, CHANGED) for kind in KINDS),
}
"""What ``--policy-store`` can find."""
