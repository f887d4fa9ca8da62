"""``buildsteps codeguru-scan``, and ``scan --engine codeguru``, where the service still is.

AWS has ended the real one, so a stand-in answers by botocore's model; archives go over real HTTP.
"""

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.command_line import Ran, buildsteps, clean_environment
from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.services.codeguru_security import CodeGuruSecurity, Upload

APP = """\
def total(text):
    return eval(text)
"""
SETTINGS = 'password = "hunter2"\n'


class Stage(Struct):
    """A project in git, the service and the folder for temporary files."""

    folder: Path
    temporary: Path
    service: CodeGuruSecurity
    aws: LoopbackAws

    @property
    def environment(self) -> dict[str, str]:
        return {**self.aws.environment(), "TMPDIR": str(self.temporary)}

    def scan(self, *arguments: str, **environ: str) -> Ran:
        return buildsteps(
            "codeguru-scan", *arguments, cwd=self.folder, environ={**self.environment, **environ}
        )

    def sent(self, number: int = -1) -> dict[str, bytes]:
        """The files of an archive that came."""
        data = self.uploads[number].body or b""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {info.filename: archive.read(info) for info in archive.infolist()}

    @property
    def uploads(self) -> list[Upload]:
        """What came, in order."""
        return [one for one in self.service.uploads.values() if one.body is not None]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    folder, temporary = tmp_path / "shop", tmp_path / "tmp"
    folder.mkdir()
    temporary.mkdir()
    subprocess.run(["git", "init", "-q", folder], check=True)
    (folder / "app.py").write_text(APP)
    service = CodeGuruSecurity()
    service.polls = 0
    with loopback_aws(service.service) as aws:
        service.stand_behind(aws)
        yield Stage(folder, temporary, service, aws)


def facts(ran: Ran) -> dict[str, Any]:
    (engine,) = ran.report["facts"]["engines"]
    return dict(engine)


# --- A scan -------------------------------------------------------------------------------------


def test_a_critical_finding_stops_the_build_with_its_place_and_help(stage: Stage) -> None:
    ran = stage.scan()
    assert ran.code == 1, ran.err
    assert "critical[python-code-injection] app.py:2: Code injection was found." in ran.out
    assert "detector-library/python/code-injection@v1.0/" in ran.out
    assert "codeguru: scan shop: 1 file (39 bytes, " in ran.err


def test_a_scan_is_waited_for_until_it_is_over(stage: Stage) -> None:
    stage.service.polls = 2
    assert stage.scan().code == 1
    *waiting, after = stage.aws.asked("GetScan")
    assert [call.parameters["runId"] for call in waiting] == [*stage.service.scans["shop"].runs] * 3
    assert "runId" not in after.parameters


def test_code_without_findings_passes(stage: Stage) -> None:
    (stage.folder / "app.py").write_text("print(1)\n")
    ran = stage.scan("--format=json")
    assert (ran.code, ran.cases("passed")) == (0, [("codeguru", "1 file")]), ran.err
    assert len(facts(ran)["archive"]["sha256"]) == 64


def test_scan_with_the_engine_is_the_same(stage: Stage) -> None:
    ran = buildsteps(
        "scan", "--engine=codeguru", "--format=json", cwd=stage.folder, environ=stage.environment
    )
    assert (ran.code, ran.rules()) == (1, ["python-code-injection"])


def test_a_finding_below_the_limit_is_shown_and_stops_nothing(stage: Stage) -> None:
    (stage.folder / "app.py").write_text("try:\n    pass\nexcept:\n    pass\n")
    ran = stage.scan("-v")
    assert (ran.code, "low[python-improper-error-handling] app.py:3" in ran.out) == (0, True)
    assert stage.scan("--fail-on=low").code == 1


def test_the_secret_itself_is_in_no_report(stage: Stage) -> None:
    (stage.folder / "settings.py").write_text(SETTINGS)
    ran = stage.scan("--output=json=r.json", "--output=sarif=r.sarif", "--junit=r.xml", "-v")
    assert ran.code == 1
    assert "python-hardcoded-password" in ran.out
    texts = [(stage.folder / name).read_text() for name in ("r.json", "r.sarif", "r.xml")]
    assert not any("hunter2" in text for text in (ran.out, ran.err, *texts))


def test_all_pages_of_findings_are_read(stage: Stage) -> None:
    stage.service.page = 2
    (stage.folder / "app.py").write_text("".join(f"eval('{n}')\n" for n in range(7)))
    ran = stage.scan("--format=json")
    assert len(ran.report["findings"]) == 7
    assert len(stage.aws.asked("GetFindings")) == 4


def test_the_same_name_makes_a_revision_that_counts_what_was_closed(stage: Stage) -> None:
    (stage.folder / "settings.py").write_text(SETTINGS)
    assert stage.scan().code == 1
    (stage.folder / "settings.py").write_text("import os\n")
    second = stage.scan("--format=json")
    assert second.rules() == ["python-code-injection"]
    assert (facts(second)["revision"], facts(second)["closed"]) == (1, 1)
    (stage.folder / "app.py").write_text("print(1)\n")
    third = stage.scan("--format=json")
    assert (third.code, facts(third)["closed"]) == (0, 1)
    assert list(stage.service.scans) == ["shop"]


def test_another_name_is_another_scan(stage: Stage) -> None:
    stage.scan("--scan-name=shop-main")
    stage.scan(BUILDSTEPS_CODEGURU_SCAN_SCAN_NAME="shop:release")
    assert list(stage.service.scans) == ["shop-main", "shop:release"]


def test_options_of_the_command_stand_in_its_own_section(stage: Stage) -> None:
    (stage.folder / "buildsteps.yaml").write_text("codeguru_scan:\n  scan_name: from-file\n")
    stage.scan()
    assert list(stage.service.scans) == ["from-file"]


# --- What is sent -------------------------------------------------------------------------------


def test_ignored_files_links_and_git_itself_are_not_sent(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret")
    (stage.folder / ".gitignore").write_text("*.log\n")
    (stage.folder / "debug.log").write_text("secret")
    (stage.folder / "link").symlink_to(tmp_path / "outside")
    (stage.folder / "alias.py").symlink_to("app.py")
    (stage.folder / "ä b.py").write_text("x = 1\n")
    ran = stage.scan()
    assert set(stage.sent()) == {".gitignore", "app.py", "ä b.py"}
    assert "2 symbolic links" in ran.err


def test_the_same_files_are_the_same_archive_from_another_clone(
    stage: Stage, tmp_path: Path
) -> None:
    stage.scan()
    other = tmp_path / "other"
    subprocess.run(["git", "init", "-q", other], check=True)
    (other / "app.py").write_text(APP)
    os.utime(other / "app.py", (1, 1))
    buildsteps("codeguru-scan", cwd=other, environ=stage.environment)
    one, two = stage.uploads
    assert one.body == two.body


def test_files_can_be_excluded_and_parts_named(stage: Stage) -> None:
    (stage.folder / "tests").mkdir()
    (stage.folder / "tests" / "t.py").write_text("eval(1)\n")
    stage.scan("--exclude=tests")
    assert set(stage.sent()) == {"app.py"}
    ran = stage.scan("--format=json", "tests")
    assert set(stage.sent()) == {"tests/t.py"}
    assert ran.report["findings"][0]["locations"][0]["path"] == "tests/t.py"


def test_a_file_whose_name_is_no_utf8_is_scanned_and_found_under_its_own_name(
    stage: Stage,
) -> None:
    if sys.platform != "linux":
        pytest.skip("platform: file names are UTF-8 there")
    (stage.folder / os.fsdecode(b"caf\xe9.py")).write_text("eval(1)\n")
    ran = stage.scan("--format=json")
    assert set(stage.sent()) == {"app.py", "caf%E9.py"}
    places = [one["locations"][0]["path"] for one in ran.report["findings"]]
    assert sorted(places) == ["app.py", "caf\N{REPLACEMENT CHARACTER}.py"]


def test_a_file_that_cannot_be_read_is_an_error_and_no_clean_scan(stage: Stage) -> None:
    (stage.folder / "app.py").write_text("print(1)\n")
    secret = stage.folder / "locked.py"
    secret.write_text("eval(1)\n")
    secret.chmod(0)
    ran = buildsteps("codeguru-scan", cwd=stage.folder, environ=stage.environment, permissions=True)
    assert ran.code == 1
    assert "locked.py: was not sent to CodeGuru Security: permission denied" in ran.out


def test_nothing_to_scan_is_no_success(stage: Stage) -> None:
    (stage.folder / "app.py").unlink()
    assert stage.scan().code == 2
    assert stage.scan("--allow-empty").code == 0
    assert not stage.aws.calls


# --- What goes wrong ----------------------------------------------------------------------------


def test_a_scan_that_fails_is_told_in_the_services_words(stage: Stage) -> None:
    stage.service.fails = "No supported source files were found."
    ran = stage.scan()
    assert ran.code == 3
    assert "could not scan shop: No supported source files were found." in ran.out


def test_an_upload_that_is_refused_is_told_without_the_signature(stage: Stage) -> None:
    stage.service.refuses = 403
    ran = stage.scan()
    assert ran.code == 3
    assert "the archive was refused by http://codeguru-uploads.test/" in ran.out
    assert "status 403, AccessDenied: Access Denied" in ran.out
    signatures = [one.signature for one in stage.service.uploads.values()]
    assert not any(one in ran.out + ran.err for one in signatures)


def test_an_address_that_has_run_out_is_asked_for_once_more(stage: Stage) -> None:
    stage.service.expired = 1
    assert (stage.scan().code, len(stage.service.uploads)) == (1, 2)
    stage.service.expired = 2
    ran = stage.scan()
    assert (ran.code, "Request has expired" in ran.out) == (3, True)


@pytest.mark.parametrize("operation", ["CreateUploadUrl", "CreateScan", "GetScan", "GetFindings"])
def test_throttling_is_waited_out(stage: Stage, operation: str) -> None:
    stage.aws.throttle(operation, times=1)
    ran = stage.scan("--format=json")
    assert (ran.code, ran.rules()) == (1, ["python-code-injection"])
    assert len(stage.service.scans["shop"].runs) == 1


def test_an_answer_that_is_lost_starts_no_second_scan(stage: Stage) -> None:
    stage.aws.break_down("CreateScan", times=1)
    assert stage.scan().code == 1
    tokens = [call.parameters["clientToken"] for call in stage.aws.asked("CreateScan")]
    assert len(tokens) == 2
    assert tokens[0] == tokens[1]


def test_a_scan_that_does_not_end_in_time_is_told(stage: Stage) -> None:
    stage.service.polls = 10_000
    ran = stage.scan("--timeout=1.5")
    assert ran.code == 3
    assert "the end of scan shop (run " in ran.out


def test_credentials_that_may_not_are_told_as_such_by_a_stand_in(stage: Stage) -> None:
    stage.aws.deny("CreateScan")
    ran = stage.scan()
    assert ran.code == 3
    assert "codeguru-security:CreateScan is not allowed with these AWS credentials" in ran.out


def test_an_interrupted_wait_ends_at_once_and_leaves_nothing(stage: Stage) -> None:
    stage.service.polls = 10_000
    process = subprocess.Popen(
        [sys.executable, "-m", "buildsteps", "codeguru-scan"],
        cwd=stage.folder,
        env=clean_environment(stage.environment),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    while not stage.aws.asked("GetScan"):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in said
    assert not list(stage.temporary.iterdir())


# --- The end of the service -----------------------------------------------------------------------


def test_the_end_of_the_service_is_told_with_the_way_to_the_others(stage: Stage) -> None:
    environ = {**stage.environment, "AWS_ENDPOINT_URL": "", "HTTPS_PROXY": "http://127.0.0.1:1"}
    ran = buildsteps("codeguru-scan", cwd=stage.folder, environ=environ)
    assert ran.code == 3
    assert "AWS ended CodeGuru Security on 20 November 2025" in ran.out
    for way in ("`buildsteps scan` alone", "`--engine inspector-code`", "`--sarif FILE`"):
        assert way in ran.out
    assert not stage.service.uploads


def test_a_stand_in_that_is_not_there_is_told_as_such(stage: Stage) -> None:
    environ = {"AWS_ENDPOINT_URL_CODEGURU_SECURITY": "http://127.0.0.1:1"}
    ran = stage.scan(**environ)
    assert ran.code == 3
    assert "CodeGuru Security cannot be reached: no connection (http://127.0.0.1:1/" in ran.out
    assert "AWS ended" not in ran.out


# --- Saved answers, wrong calls -------------------------------------------------------------------


def test_saved_answers_are_judged_without_an_account(stage: Stage) -> None:
    (stage.folder / "settings.py").write_text(SETTINGS)
    live = stage.scan("--format=json")
    client = stage.service.scans["shop"].findings.values()
    (stage.folder / "saved.json").write_text(json.dumps({"findings": list(client)}, default=str))
    stage.aws.heal()
    again = stage.scan("--format=json", "--saved=saved.json")
    assert again.code == 1
    assert again.report["findings"] == live.report["findings"]
    assert not stage.aws.calls


def test_a_saved_file_that_is_none_is_told_with_its_place(stage: Stage) -> None:
    (stage.folder / "saved.json").write_text('{"findings": [\n  {"ruleId": 7}]}')
    ran = stage.scan("--saved=saved.json")
    assert ran.code == 2
    assert "saved.json:2:14: expected text or nothing, found the number `7`" in ran.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--engine=bandit"], "--engine bandit"),
        (["--engine=codeguru", "--engine=ruff"], "--engine ruff"),
        (["--sarif=x.sarif"], "--sarif"),
        (["--image=web:1"], "--image"),
    ],
)
def test_codeguru_scan_asks_no_other_engine(stage: Stage, arguments: list[str], named: str) -> None:
    ran = stage.scan(*arguments)
    assert ran.code == 2
    assert f"asks CodeGuru Security and no other engine: {named} belongs to" in ran.err


def test_a_wrong_name_is_told_before_anything_is_sent(stage: Stage) -> None:
    ran = stage.scan("--scan-name=my shop")
    assert (ran.code, "--scan-name `my shop`" in ran.err) == (2, True)
    assert not stage.aws.calls
