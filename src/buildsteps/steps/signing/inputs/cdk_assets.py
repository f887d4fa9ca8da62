"""The asset manifest of a CDK cloud assembly: container images and where they are published.

The source is ``DockerImageAsset`` of @aws-cdk/cloud-assembly-schema: ``dockerImages`` by hash, each
with ``destinations`` of ``repositoryName``, ``imageTag``, ``region`` and ``assumeRoleArn``. The
account is that of the role, or the one in the name of a bootstrapped repository.
"""

import re
from collections.abc import Mapping

from buildsteps.errors import UsageError
from buildsteps.results import Finding
from buildsteps.steps.signing.inputs.document import Document
from buildsteps.steps.signing.inputs.interface import Uses
from buildsteps.steps.signing.inputs.naming import (
    PLACEHOLDER,
    below,
    checked,
    finding,
    members,
    quoted,
    word,
)
from buildsteps.steps.signing.uses import ImageUse
from buildsteps.yaml_document import Node

NAME = "CDK cloud assembly"

_PSEUDO = re.compile(r"\$\{AWS::(AccountId|Region|Partition)\}")
_SOURCES = {
    "AccountId": ("CDK_DEFAULT_ACCOUNT",),
    "Region": ("CDK_DEFAULT_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"),
}
_ROLE_ACCOUNT = re.compile(r"arn:[^:]*:iam::([^:]+):")
_REPOSITORY_ACCOUNT = re.compile(r"-(\d{12}|\$\{AWS::AccountId\})-")
_DOMAINS = {"cn-": "amazonaws.com.cn", "us-isob-": "sc2s.sgov.gov", "us-iso-": "c2s.ic.gov"}
"""Domains of the partitions where ECR is not below ``amazonaws.com`` (botocore, endpoints.json)."""


def recognises(document: Document) -> bool:
    """Whether it is an asset manifest, or the manifest of a whole assembly."""
    root = members(document.root)
    assets = isinstance(root.get("dockerImages", root.get("files")), Node) and (
        "dockerImages" in root or "files" in root
    )
    return "version" in root and (assets or "artifacts" in root) and "services" not in root


def read(document: Document) -> Uses:
    """Give every image at every destination.

    Raises:
        UsageError: it is the manifest of the assembly, which names no images.
    """
    root = members(document.root)
    if "artifacts" in root and "dockerImages" not in root and "files" not in root:
        what = "is the manifest of a cloud assembly: give its folder, or its *.assets.json"
        raise UsageError(what, document.root.location if document.root else None)
    found = [
        _destination(document, _words(asset, key), destination)
        for key, asset in members(root.get("dockerImages")).items()
        for destination in members(below(asset, "destinations")).values()
    ]
    return Uses(
        tuple(one for one in found if isinstance(one, ImageUse)),
        tuple(one for one in found if isinstance(one, Finding)),
    )


def _words(asset: Node, key: str) -> str:
    return f"image asset {word(below(asset, 'displayName'), key[:12])}"


def _destination(document: Document, where: str, destination: Node) -> ImageUse | Finding:
    image = _image(destination, where)
    written = _PSEUDO.sub(lambda found: _filled(found, document.environ), image)
    if _PSEUDO.search(written):
        what = f"goes to {quoted(written)}, which is only known when it is deployed"
        remedy = (
            "give the stack an account and a region (`env`), or set CDK_DEFAULT_ACCOUNT and "
            "CDK_DEFAULT_REGION"
        )
        return finding(PLACEHOLDER, where, what, destination.location, remedy=remedy)
    return ImageUse(
        reference=checked(written, where, destination.location),
        written=written,
        location=destination.location,
        where=where,
        file=document.file,
    )


def _image(destination: Node, where: str) -> str:
    """The name that the image is published by, pseudo parameters as they are."""
    repository = _text(destination, "repositoryName", where)
    tag = _text(destination, "imageTag", where)
    region = word(below(destination, "region"), "${AWS::Region}")
    role = _ROLE_ACCOUNT.match(word(below(destination, "assumeRoleArn")))
    named = _REPOSITORY_ACCOUNT.search(repository)
    account = role[1] if role else named[1] if named else "${AWS::AccountId}"
    domain = next((_DOMAINS[one] for one in _DOMAINS if region.startswith(one)), "amazonaws.com")
    return f"{account}.dkr.ecr.{region}.{domain}/{repository}:{tag}"


def _text(destination: Node, key: str, where: str) -> str:
    value = below(destination, key)
    if value is None or not isinstance(value.value, str):
        raise UsageError(f"{where}: a destination without `{key}`", destination.location)
    return value.value


def _filled(found: re.Match[str], environ: Mapping[str, str]) -> str:
    for name in _SOURCES.get(found[1], ()):
        if environ.get(name):
            return environ[name]
    return found[0]
