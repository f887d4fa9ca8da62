"""``buildsteps verify`` with the real notation against a real registry: every outcome."""

import datetime
import json
import subprocess
import sys

import pytest

from tests.command_line import clean_environment
from tests.real_parts.certificates import HOUR, Chain, chain, issue, now, root_authority
from tests.real_parts.images import Image, Repository
from tests.real_parts.jws import jws, local_headers, payload
from tests.real_parts.signatures import (
    attach,
    change_payload,
    copy_signature,
    signatures,
    tamper,
)
from tests.signing_project import Project


def test_an_image_of_ours_passes_with_who_signed_when_and_what(
    project: Project, ours: Chain
) -> None:
    image = project.repository.push_image(tag="1")
    project.home.sign_locally(image.reference, ours, "-m", "commit=abc")
    project.trust(ours)
    case = project.case(image.tagged)
    (signature,) = signatures(project.repository, image)
    assert (case["exit"], case["outcome"]) == (0, "passed")
    assert case["name"] == image.tagged
    assert "signed by CN=ours" in str(case["message"])
    assert f"manifest  {image.digest}" in str(case["detail"])
    assert f"signature {signature}" in str(case["detail"])
    assert "metadata  commit=abc" in str(case["detail"])


def test_both_kinds_of_registry_work(
    project: Project, ours: Chain, any_repository: Repository
) -> None:
    project.repository = any_repository
    image = any_repository.push_image(tag="1")
    project.home.sign_locally(image.reference, ours)
    project.trust(ours)
    assert project.case(image.reference)["outcome"] == "passed"


def signed(project: Project, signer: Chain) -> tuple[Image, str]:
    image = project.repository.push_image(tag="1")
    project.home.sign_locally(image.reference, signer)
    return image, signatures(project.repository, image)[0]


def test_an_unsigned_image_stops(project: Project, ours: Chain) -> None:
    project.trust(ours)
    case = project.case(project.repository.push_image(tag="1").tagged)
    assert (case["exit"], case["outcome"], case["kind"]) == (1, "failed", "unsigned")
    assert "is not signed" in str(case["message"])


def test_a_foreign_signature_stops_and_names_who_claims_it(project: Project, ours: Chain) -> None:
    project.trust(ours)
    image, _ = signed(project, chain("theirs"))
    case = project.case(image.tagged)
    assert (case["exit"], case["outcome"], case["kind"]) == (1, "failed", "wrong-signer")
    assert "claims to be of CN=theirs" in str(case["detail"])
    assert "unverified" in str(case["detail"])


def test_a_tampered_signature_stops(project: Project, ours: Chain) -> None:
    project.trust(ours)
    image, signature = signed(project, ours)
    tamper(project.repository, image, signature, change_payload)
    case = project.case(image.tagged)
    assert (case["exit"], case["kind"]) == (1, "tampered")


def test_the_signature_of_another_image_stops(project: Project, ours: Chain) -> None:
    project.trust(ours)
    _, signature = signed(project, ours)
    other = project.repository.push_image(tag="2")
    copy_signature(project.repository, signature, other)
    case = project.case(other.tagged)
    assert (case["exit"], case["kind"]) == (1, "tampered")
    assert "of another image" in str(case["message"])


def test_a_manifest_swapped_under_the_tag_is_another_image(project: Project, ours: Chain) -> None:
    project.trust(ours)
    image, _ = signed(project, ours)
    project.repository.retag("1", project.repository.push_image())
    assert project.case(image.tagged)["kind"] == "unsigned"


def test_an_expired_certificate_stops(project: Project) -> None:
    short = chain("short", begins=-48 * HOUR, lasts=47 * HOUR)
    project.trust(short)
    image = project.repository.push_image(tag="1")
    # notation refuses to sign with it, so the signature is made by hand.
    signed_at = short.leaf.certificate.not_valid_before_utc + HOUR
    envelope = jws(short, payload(image), local_headers(signed_at=signed_at))
    attach(project.repository, image, envelope)
    assert project.case(image.tagged)["kind"] == "expired"


def test_an_image_that_is_not_there_is_an_error_of_the_subject(
    project: Project, ours: Chain
) -> None:
    project.trust(ours)
    case = project.case(f"{project.repository.path}:nothing")
    assert (case["exit"], case["outcome"], case["cause"]) == (1, "error", "subject")
    assert case["kind"] == "no-such-image"


def test_a_registry_that_is_not_there_is_the_worlds_failure(project: Project, ours: Chain) -> None:
    project.trust(ours)
    case = project.case("--insecure-registry", "127.0.0.1:9", "127.0.0.1:9/app:1")
    assert (case["exit"], case["outcome"], case["cause"]) == (3, "error", "world")
    assert case["kind"] == "registry-unreachable"


def test_no_scope_for_an_image_is_told(project: Project, ours: Chain) -> None:
    image, _ = signed(project, ours)
    project.trust(ours, scopes=["other.test/*"])
    case = project.case(image.tagged)
    assert (case["exit"], case["kind"], case["cause"]) == (1, "no-trust-policy", "subject")


def test_at_the_level_audit_a_wrong_signer_is_still_a_stop_unless_it_is_accepted(
    project: Project, ours: Chain
) -> None:
    image, _ = signed(project, chain("theirs"))
    project.trust(ours, level="audit")
    case = project.case(image.tagged)
    assert (case["exit"], case["kind"]) == (1, "wrong-signer")
    assert "at the level `audit` notation only warns" in str(case["message"])
    project.trust(ours, level="audit", accept_warnings=["authenticity"])
    case = project.case(image.tagged)
    assert (case["exit"], case["outcome"]) == (0, "passed")
    assert "(accepted)" in str(case["detail"])


def test_several_signers_can_be_demanded(project: Project, ours: Chain) -> None:
    release = chain("release")
    project.trust(ours, "build")
    project.trust(release, "release")
    image, _ = signed(project, ours)
    assert project.case(image.tagged)["outcome"] == "passed"
    both = ("--require-all", "build", "--require-all", release.subject)
    case = project.case(image.tagged, *both)
    assert (case["exit"], case["kind"]) == (1, "wrong-signer")
    assert "wanted    x509.subject" in str(case["detail"])
    project.home.sign_locally(image.reference, release)
    case = project.case(image.tagged, *both)
    assert case["outcome"] == "passed"
    assert "CN=ours" in str(case["message"])
    assert "CN=release" in str(case["message"])


def test_one_signature_does_not_count_for_several_signers(project: Project, ours: Chain) -> None:
    project.trust(ours, "build")
    project.trust(ours, "release")
    image, signature = signed(project, ours)
    case = project.case(image.tagged, "--require-all", "build", "--require-all", "release")
    assert (case["exit"], case["outcome"], case["kind"]) == (1, "failed", "one-signature")
    assert f"signature {signature}, for build and for release" in str(case["detail"])
    twice = ("--require-all", "build", "--require-all", "build")
    assert project.case(image.tagged, *twice)["outcome"] == "passed"


def test_a_signer_of_one_store_does_not_count_by_the_root_of_another(
    project: Project, ours: Chain
) -> None:
    root = root_authority("other")
    impostor = Chain(issue(root, "ours"), root)
    project.trust(ours, "build")
    project.trust(chain("release"), "release")
    image, _ = signed(project, impostor)
    assert project.case(image.tagged)["kind"] == "wrong-signer"


def test_a_definite_failure_outweighs_what_could_not_be_judged(
    project: Project, ours: Chain
) -> None:
    release = chain("release")
    project.trust(ours, "build")
    project.trust(release, "release")
    image, _ = signed(project, ours)
    case = project.case(image.tagged, "--require-all", "release", "--require-all", "build")
    assert (case["exit"], case["kind"]) == (1, "wrong-signer")


HOSTILE = "x\x1b[2J\nsignature sha256:000\nSigned by us\u202e"


def test_the_words_of_a_foreign_signature_cannot_look_like_ours(
    project: Project, ours: Chain
) -> None:
    project.trust(ours)
    image, _ = signed(project, chain(HOSTILE))
    for form in ("terminal", "json", "junit", "markdown", "github", "sarif"):
        ran = project.verify("-v", f"--format={form}", image.tagged)
        assert ran.code == 1
        assert "\x1b[2J" not in ran.out + ran.err
        lines = [line.strip() for line in ran.out.splitlines()]
        assert not any(line.startswith(("signature sha256:000", "Signed by us")) for line in lines)
    detail = str(project.case(image.tagged)["detail"])
    assert "Signed by us" in detail
    assert not [line for line in detail.splitlines() if line.startswith("Signed by us")]


def test_metadata_of_a_signature_cannot_look_like_lines_of_ours(
    project: Project, ours: Chain
) -> None:
    project.trust(ours)
    image = project.repository.push_image(tag="1")
    said = {"note": HOSTILE, "huge": "y" * 1_000_000}
    attach(project.repository, image, jws(ours, payload(image, said), local_headers()))
    case = project.case(image.tagged)
    assert case["outcome"] == "passed", case
    detail = str(case["detail"])
    assert sum(line.startswith("signature ") for line in detail.splitlines()) == 1
    assert "Signed by us" in detail
    assert "\x1b" not in detail
    assert len(detail) < 10_000


def test_a_heap_of_foreign_signatures_neither_hides_ours_nor_fills_the_report(
    project: Project, ours: Chain
) -> None:
    project.trust(ours)
    image = project.repository.push_image(tag="1")
    theirs = chain("theirs")
    for number in range(150):  # notation alone would look at a hundred
        moment = now() - datetime.timedelta(seconds=number)
        envelope = jws(theirs, payload(image), local_headers(signed_at=moment))
        attach(project.repository, image, envelope)
    case = project.case(image.tagged)
    assert case["kind"] == "wrong-signer"
    assert sum(line.startswith("signature ") for line in str(case["detail"]).splitlines()) == 20
    assert "and 130 more signatures that did not verify" in str(case["detail"])
    project.home.sign_locally(image.reference, ours)
    assert project.case(image.tagged)["outcome"] == "passed"


def index_of(project: Project, entries: list[dict[str, object]]) -> Image:
    kind = "application/vnd.oci.image.index.v1+json"
    manifest = {"schemaVersion": 2, "mediaType": kind, "manifests": entries}
    return project.repository.push_manifest(manifest, tag="index")


def test_an_index_of_ten_thousand_platforms_is_not_walked(project: Project, ours: Chain) -> None:
    project.trust(ours)
    one = project.repository.push_image().descriptor
    entries = [{**one, "platform": {"os": "linux", "architecture": f"a{n}"}} for n in range(10_000)]
    index = index_of(project, entries)
    project.home.sign_locally(index.reference, ours)
    ran = project.verify("--format", "json", "--platforms", "all", index.tagged)
    (case,) = ran.report["cases"]
    assert (ran.code, case["kind"], case["cause"]) == (1, "too-many-platforms", "subject")
    assert project.case(index.tagged)["outcome"] == "passed"


def test_platforms_that_are_hidden_in_an_index_are_judged_too(
    project: Project, ours: Chain
) -> None:
    project.trust(ours)
    first, second, third = (project.repository.push_image() for _ in range(3))
    inner = index_of(project, [{**third.descriptor, "platform": {"os": "a", "architecture": "b"}}])
    twice = {"platform": {"os": "linux", "architecture": "amd64"}}
    entries = [{**first.descriptor, **twice}, {**second.descriptor, **twice}, inner.descriptor]
    index = index_of(project, [*entries, {**third.descriptor}])
    for image in (index, first):
        project.home.sign_locally(image.reference, ours)
    ran = project.verify("--format", "json", "--platforms", "all", index.tagged)
    outcomes = {case["name"]: case["outcome"] for case in ran.report["cases"]}
    assert outcomes == {
        index.tagged: "passed",
        f"{index.tagged} (linux/amd64, {first.digest})": "passed",
        f"{index.tagged} (linux/amd64, {second.digest})": "failed",
        f"{index.tagged} (no platform, {third.digest})": "failed",
        f"{index.tagged} (a/b)": "failed",
    }


def test_metadata_and_age_can_be_demanded(project: Project, ours: Chain) -> None:
    project.trust(ours)
    image = project.repository.push_image(tag="1")
    project.home.sign_locally(image.reference, ours, "-m", "commit=abc")
    assert project.case(image.tagged, "--require-metadata", "commit=abc")["outcome"] == "passed"
    assert project.case(image.tagged, "--require-metadata", "commit=x")["kind"] == "metadata"
    assert project.case(image.tagged, "--max-age", "1h")["outcome"] == "passed"


def test_of_an_index_each_platform_can_be_demanded(project: Project, ours: Chain) -> None:
    project.trust(ours)
    index = project.repository.push_index(tag="1")
    project.home.sign_locally(index.reference, ours)
    assert project.case(index.tagged)["outcome"] == "passed"
    ran = project.verify("--format", "json", "--platforms", "all", index.tagged)
    outcomes = {case["name"]: case["outcome"] for case in ran.report["cases"]}
    assert outcomes[index.tagged] == "passed"
    assert outcomes[f"{index.tagged} (linux/amd64)"] == "failed"
    assert len(outcomes) == 1 + len(index.platforms)


def test_which_image_of_a_deployment_is_at_fault_is_told_with_its_place(
    project: Project, ours: Chain
) -> None:
    project.trust(ours)
    good, _ = signed(project, ours)
    bad = project.repository.push_image(tag="bad")
    manifest = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  template:
    spec:
      initContainers:
        - {{name: init, image: "{bad.tagged}"}}
      containers:
        - name: app
          image: {good.reference}
        - name: again
          image: {good.reference}
"""
    (project.folder / "k8s.yaml").write_text(manifest)
    ran = project.verify("--from", "k8s.yaml")
    assert ran.code == 1
    assert f"FAILED verify > {bad.tagged}" in ran.out
    assert f"k8s.yaml:8:32: {bad.tagged} is not signed" in ran.out, ran.out
    assert "Deployment web, init container init" in ran.out
    assert "1 passed, 1 failed" in ran.out


def test_an_exempt_image_is_skipped_with_its_reason_and_shown(
    project: Project, ours: Chain
) -> None:
    project.trust(ours)
    good, _ = signed(project, ours)
    side = project.repository.push_image(tag="side")
    path = project.folder / "buildsteps.yaml"
    content = json.loads(path.read_text())
    acceptance = {
        "rule": "unsigned",
        "image": side.tagged,
        "reason": "public",
        "until": "2099-01-01",
    }
    path.write_text(json.dumps({**content, "accept": [acceptance]}))
    ran = project.verify("--format", "json", good.tagged, side.tagged)
    assert ran.code == 0
    assert [case["outcome"] for case in ran.report["cases"]] == ["passed", "skipped"]
    assert "exempt: public, until 2099-01-01" in ran.report["cases"][1]["message"]
    told = f"exempt: {side.tagged}: public, until 2099-01-01"
    assert told in project.verify(good.tagged, side.tagged).out.splitlines()
    path.write_text(json.dumps({**content, "accept": [{**acceptance, "until": "2020-01-01"}]}))
    assert project.verify(good.tagged, side.tagged).code == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "nothing was judged: no image was given"),
        (("team/Case",), "written in lower case"),
        (("--from", "missing.yaml"), "missing.yaml"),
        (("r.test/a", "--max-age", "soon"), "--max-age takes"),
        (("r.test/a", "--require-metadata", "x"), "--require-metadata takes KEY=VALUE"),
        (("r.test/a", "--require-all", "biuld"), "Did you mean `build`"),
        (("r.test/a", "--trust-policy", "p.json", "--identity", "x"), "exclude each other"),
        (("r.test/a", "--level", "audit"), "--identity, which is not given"),
    ],
)
def test_a_wrong_call_is_told_and_asks_nobody(
    project: Project, ours: Chain, arguments: tuple[str, ...], told: str
) -> None:
    project.trust(ours)
    ran = project.verify(*arguments)
    assert ran.code == 2
    assert told in ran.out + ran.err


def test_nobody_trusted_is_a_wrong_call(project: Project) -> None:
    ran = project.verify("r.test/a")
    assert ran.code == 2
    assert "nobody is trusted" in ran.err


def test_the_users_own_configuration_is_neither_used_nor_touched(
    project: Project, ours: Chain
) -> None:
    project.home.trust(level="skip")
    before = sorted(
        path.relative_to(project.home.config) for path in project.home.config.rglob("*")
    )
    project.trust(ours)
    image = project.repository.push_image(tag="1")
    assert project.case(image.tagged)["kind"] == "unsigned"
    after = sorted(path.relative_to(project.home.config) for path in project.home.config.rglob("*"))
    assert before == after


def test_an_existing_trust_policy_is_used_and_linted(project: Project, ours: Chain) -> None:
    image, _ = signed(project, ours)
    project.home.add_to_store(ours.root.pem)
    project.home.trust([ours.subject])
    policy = str(project.home.config / "trustpolicy.json")
    assert project.case(image.tagged, "--trust-policy", policy)["outcome"] == "passed"
    project.home.trust(level="skip")
    ran = project.verify("--format", "json", image.tagged, "--trust-policy", policy)
    assert ran.code == 1
    kinds = {case["kind"] for case in ran.report["cases"]}
    assert kinds == {"trust-policy", "level-skip"}
    assert ran.rules() == ["trust-policy/level-skip"]


@pytest.mark.parametrize(("named_by", "imported"), [("tag", ["requests"]), ("digest", [])])
def test_only_a_tag_needs_a_client_of_registries_and_only_ecr_the_sdk(
    project: Project, ours: Chain, named_by: str, imported: list[str]
) -> None:
    image, _ = signed(project, ours)
    project.trust(ours)
    name = image.tagged if named_by == "tag" else image.reference
    script = (
        "import sys; from buildsteps.cli import main; main(sys.argv[1:]);"
        "print([name for name in ('requests', 'boto3') if name in sys.modules])"
    )
    known = ["--insecure-registry", project.repository.host, "--notation"]
    done = subprocess.run(
        [sys.executable, "-c", script, "verify", *known, str(project.home.program), name],
        cwd=project.folder,
        env=clean_environment(project.home.environment),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "PASSED: 1 passed" in done.stdout
    assert done.stdout.splitlines()[-1] == str(imported)
