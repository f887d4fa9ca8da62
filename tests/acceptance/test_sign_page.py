"""The page of ``sign`` says what is so: its session, its table of errors, its rights."""

import os
import re
import shlex
from pathlib import Path

from buildsteps.results import Outcome
from buildsteps.steps.signing.sign.meaning import MEANINGS
from tests.command_line import ROOT, buildsteps
from tests.real_parts.stage import Stage

PAGE = ROOT / "docs" / "sign.md"
SIGNING = ROOT / "src" / "buildsteps" / "steps" / "signing"
UPDATE = os.environ.get("BUILDSTEPS_UPDATE_GOLDEN") == "1"

_SESSION = re.compile(r"(?<=<!-- session -->\n```text\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
_CONFIGURATION = re.compile(r"<!-- file: buildsteps.yaml -->\n```yaml\n(.*?)^```$", re.S | re.M)
_MEANINGS = re.compile(r"(?<=<!-- meanings -->\n).*?(?=<!-- end -->)", re.DOTALL)
_KIND = re.compile(r'^KIND = "([a-z-]+)"|kind="([a-z-]+)"', re.MULTILINE)

SHOWN_AS = "registry.example/shop"
BUILD = {
    "CODEBUILD_RESOLVED_SOURCE_VERSION": "4f2c1d0a9b7e",
    "CODEBUILD_BUILD_ID": "shop:7",
    "CODEBUILD_SOURCE_REPO_URL": "https://git.example/shop",
}


def compared(part: re.Pattern[str], new: str) -> None:
    """Hold a part of the page to what is so, or write it anew."""
    text = PAGE.read_text()
    found = part.search(text)
    assert found
    if UPDATE:
        PAGE.write_text(part.sub(lambda _: new, text))
    else:
        assert found[0] == new


def shown(text: str, stage: Stage) -> str:
    """What a session shows, with a registry, digests and times that are always the same."""
    text = text.replace(stage.repository.path, SHOWN_AS)
    text = text.replace(stage.profile.version, "5IowyxBeGO")
    text = re.sub(r" in \d+\.\d\d s", " in 0.02 s", text)
    text = re.sub(r"(?m)^(notation \S+) \(.*\)$", r"\1 (/usr/local/bin/notation, PATH)", text)
    digests = dict.fromkeys(re.findall(r"sha256:[0-9a-f]{64}", text))
    for number, digest in enumerate(digests, 1):
        text = text.replace(digest, f"sha256:{number}{number}…{number}{number}")
    return text


def test_the_session_goes_as_shown_with_the_configuration_of_the_page(
    stage: Stage, tmp_path: Path
) -> None:
    text = PAGE.read_text()
    configuration, session = _CONFIGURATION.search(text), _SESSION.search(text)
    assert configuration
    assert session
    assert stage.profile.arn in configuration[1]
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "buildsteps.yaml").write_text(configuration[1])
    (folder / "aws-signer-root.pem").write_bytes(stage.signer.chain.root.pem)
    (stage.home.config / "truststore").rename(tmp_path / "not-there")
    for tag in ("1", "2"):
        stage.repository.push_image(tag=tag)
    environ = {
        **stage.home.environment,
        **stage.environ,
        **BUILD,
        "BUILDSTEPS_SIGN_INSECURE_REGISTRY": stage.repository.host,
        "BUILDSTEPS_SIGN_NOTATION": str(stage.home.program),
    }
    lines = []
    for command in re.findall(r"^\$ buildsteps (.*)$", session[0], re.MULTILINE):
        really = command.replace(SHOWN_AS, stage.repository.path)
        ran = buildsteps(*shlex.split(really), cwd=folder, environ=environ)
        assert ran.code == 0, ran.out + ran.err
        lines.append(f"$ buildsteps {command}\n{ran.out}{ran.err}")
    compared(_SESSION, shown("".join(lines), stage))
    assert len(stage.aws.asked("SignPayload")) == 1


def test_the_table_of_errors_is_that_of_the_code() -> None:
    rows = ["| class | outcome | the image … | what to do |", "| --- | --- | --- | --- |"]
    for meaning in MEANINGS.values():
        assert meaning.outcome is Outcome.ERROR
        advice = f" {meaning.advice} " if meaning.advice else " "
        rows.append(f"| `{meaning.kind}` | error, {meaning.cause} | {meaning.says} |{advice}|")
    compared(_MEANINGS, "\n".join(rows) + "\n")


def test_every_class_of_a_case_is_on_the_page() -> None:
    found = [_KIND.findall(path.read_text()) for path in SIGNING.glob("sign/*.py")]
    kinds = {one for groups in found for group in groups for one in group if one}
    assert kinds == {"signature-lost", "managed-signing"}
    text = PAGE.read_text()
    assert [kind for kind in sorted(kinds) if f"| `{kind}` |" not in text] == []


def test_the_rights_are_those_of_verify_and_those_that_push() -> None:
    """Of the ECR guide, "Pushing an image": the permissions that ``docker push`` needs."""
    push = {
        "BatchCheckLayerAvailability",
        "CompleteLayerUpload",
        "InitiateLayerUpload",
        "PutImage",
        "UploadLayerPart",
    }
    verify = re.findall(r'"((?:ecr|signer):[A-Za-z]+)"', (ROOT / "docs/verify.md").read_text())
    rights = set(re.findall(r'"((?:ecr|signer):[A-Za-z]+)"', PAGE.read_text()))
    assert rights == {
        *verify,
        *(f"ecr:{one}" for one in push),
        "signer:SignPayload",
        "signer:GetSigningProfile",
    }


def test_the_rights_are_those_that_the_buildspecs_name() -> None:
    for page, buildspec in (("sign", "sign"), ("verify", "verify-deploy")):
        text = (ROOT / "docs" / f"{page}.md").read_text()
        rights = set(re.findall(r'"((?:ecr|signer):[A-Za-z]+)"', text))
        comment = (ROOT / "buildspecs" / f"{buildspec}.yml").read_text()
        assert set(re.findall(r"\b((?:ecr|signer):[A-Z][A-Za-z]+)", comment)) == rights
