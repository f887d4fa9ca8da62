"""What Amazon Verified Permissions takes: its quotas and rules, in one table.

Sources, each by its letter:

A  user guide, "Quotas for Amazon Verified Permissions" (quotas.html)
B  user guide, "Differences between Amazon Verified Permissions and the Cedar policy language"
   (terminology-differences-avp-cedar.html)
C  API reference, as botocore's model of ``verifiedpermissions`` (2021-12-01) carries it
D  user guide, "Policy size per resource" (policy-size-per-resource.html)

Sizes are bytes of UTF-8.
"""

POLICY_BYTES = 10_000
"""A, "Policy size", not adjustable."""

SCHEMA_BYTES = 200_000
"""A, "Schema size", not adjustable; 100,000 in earlier editions of that page."""

TEMPLATES = 40
"""A, "Policy templates per policy store", adjustable."""

RESOURCE_BYTES = 200_000
"""A and D, "Policy size per resource", adjustable; policies without a resource count together."""

REQUEST_BYTES = 1_000_000
"""A, "Authorization request size", 1 MB, not adjustable."""

RESERVED_NAMESPACES = ("aws", "amazon", "cedar")
"""B: no namespace may include these words; nor may one be empty."""

PAGE = 50
"""C, ``ListPolicies``: the largest page."""

POLICIES_A_CALL = 100
"""C, ``BatchGetPolicy``."""

REQUESTS_A_BATCH = 30
"""C, ``BatchIsAuthorized``."""

ENTITIES_A_KIND = 100
"""C, ``BatchIsAuthorized``: so many principals, and so many resources."""

TRANSITIVE_PARENTS = 99
"""C, ``EntityItem``: of a principal or resource."""

ENTITY_TYPE_LETTERS = 200
"""C, ``EntityType`` and ``ActionType``."""

ENTITY_ID_LETTERS = 612
"""C, ``EntityId``."""

ACTION_ID_LETTERS = 512
"""C, ``ActionId``."""
