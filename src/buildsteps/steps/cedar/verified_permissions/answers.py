"""What the API of Verified Permissions answers, held to the shapes that we read.

Source: botocore's model of ``verifiedpermissions``.
"""

from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from buildsteps.steps.cedar.text.syntax import quoted
from buildsteps.world.aws import AwsError

Shape = TypeVar("Shape")


class Entity(Struct, frozen=True, rename="camel"):
    """``EntityIdentifier``."""

    entity_type: str
    entity_id: str

    @property
    def uid(self) -> str:
        """As Cedar writes it."""
        return f"{self.entity_type}::{quoted(self.entity_id)}"


class Settings(Struct, frozen=True):
    """``ValidationSettings``."""

    mode: str


class StoreAnswer(Struct, frozen=True, rename="camel"):
    """``GetPolicyStoreOutput``."""

    policy_store_id: str
    arn: str
    validation_settings: Settings
    cedar_version: str = ""


class SchemaAnswer(Struct, frozen=True, rename="camel"):
    """``GetSchemaOutput``."""

    schema: str
    last_updated_date: datetime


class Listed(Struct, frozen=True, rename="camel"):
    """``PolicyItem``, as far as it tells whether a policy is still the one that we have."""

    policy_id: str
    last_updated_date: datetime


class ListedTemplate(Struct, frozen=True, rename="camel"):
    """``PolicyTemplateItem``, the same."""

    policy_template_id: str
    last_updated_date: datetime


class Static(Struct, frozen=True):
    """``StaticPolicyDefinitionDetail``."""

    statement: str
    description: str = ""


class Linked(Struct, frozen=True, rename="camel"):
    """``TemplateLinkedPolicyDefinitionDetail``."""

    policy_template_id: str
    principal: Entity | None = None
    resource: Entity | None = None


class Definition(Struct, frozen=True, rename="camel"):
    """``PolicyDefinitionDetail``: one of the two."""

    static: Static | None = None
    template_linked: Linked | None = None

    def __post_init__(self) -> None:
        if (self.static is None) == (self.template_linked is None):
            raise ValueError("expected either `static` or `templateLinked`")


class PolicyAnswer(Struct, frozen=True, rename="camel"):
    """``BatchGetPolicyOutputItem``."""

    policy_id: str
    definition: Definition
    last_updated_date: datetime
    name: str = ""


class TemplateAnswer(Struct, frozen=True, rename="camel"):
    """``GetPolicyTemplateOutput``."""

    policy_template_id: str
    statement: str
    last_updated_date: datetime
    name: str = ""
    description: str = ""


class PolicyReference(Struct, frozen=True, rename="camel"):
    """``DeterminingPolicyItem``."""

    policy_id: str


class EvaluationError(Struct, frozen=True, rename="camel"):
    """``EvaluationErrorItem``."""

    error_description: str


class Decided(Struct, frozen=True, rename="camel"):
    """``BatchIsAuthorizedOutputItem``, without the request: results come in its order."""

    decision: Literal["ALLOW", "DENY"]
    determining_policies: tuple[PolicyReference, ...]
    errors: tuple[EvaluationError, ...]


def read(answer: Any, shape: type[Shape], operation: str) -> Shape:
    """Read an answer, or a part of one.

    Raises:
        AwsError: it is none that the API gives.
    """
    try:
        return msgspec.convert(answer, shape, strict=False)
    except msgspec.ValidationError as error:
        said = str(error)
        raise AwsError(
            f"verifiedpermissions:{operation}: the answer is none that the API gives: {said}"
        ) from None
