"""The operations of Verified Permissions that we use, on one policy store."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.steps.cedar.verified_permissions.answers import (
    Decided,
    Listed,
    ListedTemplate,
    PolicyAnswer,
    SchemaAnswer,
    StoreAnswer,
    TemplateAnswer,
    read,
)
from buildsteps.steps.cedar.verified_permissions.limits import PAGE
from buildsteps.steps.cedar.verified_permissions.reference import Reference, parsed
from buildsteps.world.aws import Aws, AwsError

SERVICE = "verifiedpermissions"
THREADS = 4
"""The service allows tens of calls a second; botocore waits and tries again where it throttles."""

_NOT_FOUND = "ResourceNotFoundException"


class Api(Struct, frozen=True, kw_only=True):
    """One policy store; ``id`` is the one that the service knows it by."""

    aws: Aws
    region: str
    store: StoreAnswer

    @property
    def id(self) -> str:
        """The store's id."""
        return self.store.policy_store_id

    def schema(self) -> SchemaAnswer | None:
        """The schema; None where the store has none."""
        try:
            return read(self._call("GetSchema"), SchemaAnswer, "GetSchema")
        except AwsError as error:
            if error.code == _NOT_FOUND:
                return None
            raise

    def listed(self) -> list[Listed]:
        """All policies, without their text."""
        pages = self._pages("ListPolicies", "policies")
        return [read(one, Listed, "ListPolicies") for one in pages]

    def listed_templates(self) -> list[ListedTemplate]:
        """All templates, without their text."""
        pages = self._pages("ListPolicyTemplates", "policyTemplates")
        return [read(one, ListedTemplate, "ListPolicyTemplates") for one in pages]

    def policies(self, ids: Sequence[str]) -> list[PolicyAnswer]:
        """These policies, at most 100; those that are gone by now are left out."""
        wanted = [{"policyStoreId": self.id, "policyId": one} for one in ids]
        answer = self.aws.call(SERVICE, "BatchGetPolicy", {"requests": wanted}, region=self.region)
        return [
            read(one, PolicyAnswer, "BatchGetPolicy")
            for one in _list(answer, "results", "BatchGetPolicy")
        ]

    def template(self, name: str) -> TemplateAnswer | None:
        """A template; None where it is gone by now."""
        try:
            answer = self._call("GetPolicyTemplate", policyTemplateId=name)
        except AwsError as error:
            if error.code == _NOT_FOUND:
                return None
            raise
        return read(answer, TemplateAnswer, "GetPolicyTemplate")

    def decisions(self, requests: Sequence[Mapping[str, Any]], entities: str) -> list[Decided]:
        """Decide a batch, which keeps the rules of one; in the order of the requests.

        Raises:
            AwsError: among others ``ValidationException``, where the service refuses a request.
        """
        told = {"entities": {"cedarJson": entities}} if entities != "[]" else {}
        answer = self._call("BatchIsAuthorized", requests=list(requests), **told)
        results = _list(answer, "results", "BatchIsAuthorized")
        if len(results) != len(requests):
            raise AwsError(
                f"{SERVICE}:BatchIsAuthorized: {len(requests)} requests got {len(results)} answers"
            )
        return [read(one, Decided, "BatchIsAuthorized") for one in results]

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        whole = {"policyStoreId": self.id, **request}
        return self.aws.call(SERVICE, operation, whole, region=self.region)

    def _pages(self, operation: str, member: str) -> Iterator[Mapping[str, Any]]:
        request = {"policyStoreId": self.id, "maxResults": PAGE}
        for page in self.aws.pages(SERVICE, operation, request, region=self.region):
            yield from _list(page, member, operation)


def opened(text: str, region: str, aws: Aws) -> Api:
    """Find the policy store that a user names; ``region`` goes before that of an ARN.

    Raises:
        UsageError: there is no such store.
        WorldError: AWS failed.
    """
    reference = parsed(text)
    where = region or reference.region
    for name in filter(None, (reference.name, reference.alias)):
        try:
            answer = aws.call(SERVICE, "GetPolicyStore", {"policyStoreId": name}, region=where)
        except AwsError as error:
            if error.code == _NOT_FOUND:
                continue
            raise
        found = Api(aws=aws, region=where, store=read(answer, StoreAnswer, "GetPolicyStore"))
        _check_account(reference, found.store)
        return found
    place = f"in {where}" if where else "in this account and region"
    raise UsageError(
        f"there is no policy store `{reference.name}` {place}; --region names another region"
    )


def _check_account(reference: Reference, store: StoreAnswer) -> None:
    """An ARN names an account, and the id alone would be looked up in our own."""
    account = store.arn.split(":")[4] if store.arn.count(":") >= 5 else ""
    if reference.account and account and reference.account != account:
        raise UsageError(
            f"the ARN names account {reference.account}, but these credentials are of {account}"
        )


def _list(answer: Mapping[str, Any], member: str, operation: str) -> list[Mapping[str, Any]]:
    found = answer.get(member)
    if not isinstance(found, list):
        raise AwsError(f"{SERVICE}:{operation}: the answer is none that the API gives")
    return found
