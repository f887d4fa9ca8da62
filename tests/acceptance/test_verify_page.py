"""The page of ``verify`` says what is so: its sessions, its table of errors, its names."""

import json
import os
import re
from pathlib import Path

from buildsteps.results import Outcome
from buildsteps.steps.signing.verifying.meaning import MEANINGS, Meaning
from tests.acceptance.fake_kubectl import FakeKubectl, pod
from tests.command_line import ROOT
from tests.real_parts.certificates import Chain, chain
from tests.signing_project import Project

PAGE = ROOT / "docs" / "verify.md"
SIGNING = ROOT / "src" / "buildsteps" / "steps" / "signing"
UPDATE = os.environ.get("BUILDSTEPS_UPDATE_GOLDEN") == "1"

_MEANINGS = re.compile(r"(?<=<!-- meanings -->\n).*?(?=<!-- end -->)", re.DOTALL)
_KIND = re.compile(
    r'kind = ?"([a-z-]+)"|kind="([a-z-]+)"|^[A-Z_]+ = "([a-z]+-[a-z-]+)"$', re.MULTILINE
)
_NO_KIND = {"aws-region"}
_RULE = re.compile(r'(?:yield |Problem\(|^\s+)"([a-z]+(?:-[a-z]+)+)"', re.MULTILINE)


def compared(old: str, new: str) -> None:
    """Hold a part of the page to what is so, or write it anew."""
    text = PAGE.read_text()
    assert old in text
    if UPDATE:
        PAGE.write_text(text.replace(old, new))
    else:
        assert new == old


def shown(project: Project, command: str, text: str) -> str:
    """What a session shows, with a registry, digests and times that are always the same."""
    text = text.replace(project.repository.path, "registry.example/shop")
    text = re.sub(r" in \d+\.\d\d s", " in 0.02 s", text)
    text = re.sub(r"(?m)^(notation \S+) \(.*\)$", r"\1 (/usr/local/bin/notation, PATH)", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-03-01T12:00:00Z", text)
    digests = dict.fromkeys(re.findall(r"sha256:[0-9a-f]{64}", text))
    for number, digest in enumerate(digests, 1):
        text = text.replace(digest, f"sha256:{number}{number}…{number}{number}")
    return f"$ {command}\n{text}"


def block(command: str) -> str:
    """The text block of the page that begins with a command."""
    pattern = rf"^```text\n(\$ {re.escape(command)}\n.*?)^```$"
    found = re.search(pattern, PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def deployment(**images: str) -> str:
    lines = ["apiVersion: apps/v1", "kind: Deployment", "metadata: {name: web}", "spec:"]
    lines += ["  template:", "    spec:", "      containers:"]
    lines += [f"        - {{name: {name}, image: '{image}'}}" for name, image in images.items()]
    return "\n".join(lines) + "\n"


def test_the_session_with_a_deployment_goes_as_shown(project: Project, ours: Chain) -> None:
    project.trust(ours)
    web = project.signed(ours, "web")
    worker = project.signed(chain("somebody"), "worker")
    cache = project.repository.push_image(tag="cache")
    text = deployment(web=web.tagged, worker=worker.tagged, cache=cache.tagged)
    (project.folder / "deployment.yaml").write_text(text)
    command = "buildsteps verify --from deployment.yaml"
    ran = project.verify("--from", "deployment.yaml")
    compared(block(command), shown(project, command, f"{ran.out}[exit {ran.code}]\n"))


def test_the_session_with_a_cluster_goes_as_shown(
    project: Project, ours: Chain, tmp_path: Path
) -> None:
    project.trust(ours)
    old, new = project.signed(ours, "1"), project.signed(ours, "2")
    (project.folder / "deployment.yaml").write_text(deployment(web=new.tagged))
    kubectl = FakeKubectl(tmp_path / "bin")
    kubectl.runs(pod("web-5d9f", new.tagged, new.digest), pod("web-77c4", old.tagged, old.digest))
    admitted = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
    kubectl.answers("apply", json.dumps(admitted))
    command = "buildsteps verify --cluster --from deployment.yaml"
    ran = project.verify("--cluster", "--from", "deployment.yaml", environ=kubectl.environ)
    compared(block(command), shown(project, command, f"{ran.out}[exit {ran.code}]\n"))


def meanings_table() -> str:
    rows = ["| class | outcome | the image … | what to do |", "| --- | --- | --- | --- |"]
    merged: dict[str, list[Meaning]] = {}
    for meaning in reversed(MEANINGS.values()):
        merged.setdefault(meaning.kind, []).append(meaning)
    for kind, some in merged.items():
        says = "; or ".join(dict.fromkeys(one.says for one in some))
        advice = " ".join(dict.fromkeys(one.advice for one in some))
        cause = f"error, {some[0].cause}" if some[0].outcome is Outcome.ERROR else "failed"
        rows.append(f"| `{kind}` | {cause} | {says} | {advice} |")
    return "\n".join(rows) + "\n"


def test_the_table_of_errors_is_that_of_the_code() -> None:
    found = _MEANINGS.search(PAGE.read_text())
    assert found
    if UPDATE:
        PAGE.write_text(_MEANINGS.sub(meanings_table(), PAGE.read_text()))
    else:
        assert found[0] == meanings_table()


def test_every_class_of_a_case_is_on_the_page() -> None:
    paths = [*SIGNING.glob("verifying/*.py"), *SIGNING.glob("cluster/*.py"), SIGNING / "pinning.py"]
    found = [_KIND.findall(path.read_text()) for path in paths]
    kinds = {one for groups in found for group in groups for one in group if one} - _NO_KIND
    assert {"not-written", "other-digest", "level-skip"} < kinds
    text = PAGE.read_text()
    assert [kind for kind in sorted(kinds) if f"`{kind}`" not in text] == []


def test_the_rights_are_those_that_reading_asks_of_ecr() -> None:
    asked = re.compile(r'"(Batch[A-Za-z]+|Get[A-Za-z]+|List[A-Za-z]+|Describe[A-Za-z]+)"')
    paths = [SIGNING / "registries" / "ecr.py", SIGNING / "registries" / "ecr_login.py"]
    operations = {one for path in paths for one in asked.findall(path.read_text())}
    rights = set(re.findall(r'"ecr:([A-Za-z]+)"', PAGE.read_text()))
    assert rights == operations - {"BatchDeleteImage"}


def test_every_rule_about_a_trust_policy_is_on_the_page() -> None:
    rules = set(_RULE.findall((SIGNING / "trust" / "lint.py").read_text()))
    assert len(rules) > 10
    text = PAGE.read_text()
    assert [rule for rule in sorted(rules) if f"`trust-policy/{rule}`" not in text] == []
