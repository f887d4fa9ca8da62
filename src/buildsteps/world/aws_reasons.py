"""What went wrong with AWS, in one sentence: the one place that knows botocore's exceptions."""

import re

from botocore import exceptions as botocore

from buildsteps.world.aws import AccessDeniedError, AwsError, NoAwsCredentialsError
from buildsteps.world.http import without_query

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_WRONG = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "AuthFailure",
    }
)
_THROTTLED = re.compile(r"Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|LimitExceeded$")
_NAMES = {
    "codeguru-security": "CodeGuru Security",
    "ecr": "ECR",
    "ecr-public": "ECR Public",
    "inspector-scan": "Amazon Inspector",
    "inspector2": "Amazon Inspector",
    "s3": "S3",
    "securityhub": "Security Hub CSPM",
    "signer": "AWS Signer",
    "sts": "AWS STS",
}


def translated(error: Exception, service: str, operation: str) -> AwsError | None:
    """Give our error for what came out of a call, or None where it is none that can happen."""
    action = f"{service}:{operation}"
    if isinstance(error, botocore.ClientError):
        return _refused(error, service, action)
    if isinstance(
        error,
        botocore.NoCredentialsError
        | botocore.PartialCredentialsError
        | botocore.CredentialRetrievalError
        | botocore.TokenRetrievalError
        | botocore.SSOError
        | botocore.ProfileNotFound,
    ):
        return NoAwsCredentialsError(f"{action} needs AWS credentials: {_said(error)}")
    if isinstance(error, botocore.NoRegionError):
        return AwsError(f"{action} needs a region: set AWS_REGION")
    if isinstance(error, botocore.ParamValidationError):
        return AwsError(f"{action} was not asked: {_said(error)}")
    if isinstance(error, botocore.IncompleteReadError | botocore.ResponseStreamingError):
        return AwsError(f"{action}: the connection broke off within the answer")
    if isinstance(error, botocore.HTTPClientError | botocore.ConnectionError):
        return AwsError(f"{_name(service)} cannot be reached: {_unreached(error)}")
    if isinstance(error, botocore.BotoCoreError):
        return AwsError(f"{action} failed: {_said(error)}")
    if isinstance(error, AttributeError | LookupError | TypeError | ValueError):
        # botocore's parsers take the shape of an answer for granted.
        return AwsError(f"{action}: the answer is none that the API of {_name(service)} gives")
    return None


def _refused(error: botocore.ClientError, service: str, action: str) -> AwsError:
    answer = error.response.get("Error", {})
    code, said = str(answer.get("Code", "")), _line(str(answer.get("Message", "")))
    if code in _EXPIRED:
        return NoAwsCredentialsError(
            f"{action}: the AWS credentials have run out; get new ones", code, said
        )
    if code in _WRONG:
        return NoAwsCredentialsError(
            f"{action}: the AWS credentials are not valid: {said or code}", code, said
        )
    if code in _DENIED:
        return AccessDeniedError(
            f"{action} is not allowed with these AWS credentials: {said or code}", code, said
        )
    if _THROTTLED.search(code):
        return AwsError(f"{_name(service)} throttles {action}: {said or code}", code, said)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status >= 500:
        return AwsError(f"{_name(service)} failed at {action}: {code}: {said}", code, said)
    return AwsError(f"{action}: {code}: {said}" if said else f"{action}: {code}", code, said)


def _unreached(error: Exception) -> str:
    url = without_query(str(getattr(error, "kwargs", {}).get("endpoint_url", "")))
    place = f" ({url})" if url.startswith("http") else ""
    if isinstance(error, botocore.ReadTimeoutError | botocore.ConnectTimeoutError):
        return f"it did not answer in time{place}"
    if isinstance(error, botocore.SSLError):
        return f"TLS failed{place}; AWS_CA_BUNDLE names your own certificate authorities"
    if isinstance(error, botocore.ProxyConnectionError):
        return "the proxy cannot be reached"
    return f"no connection{place}"


def _name(service: str) -> str:
    return _NAMES.get(service, service)


def _said(error: Exception) -> str:
    text = _line(str(error)).rstrip(".")
    return text[:1].lower() + text[1:]


def _line(text: str) -> str:
    return " ".join(text.split())
