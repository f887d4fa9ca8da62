"""The engine ``inspector``: what is sent, what comes of the answer, and what is no judgement."""

import json
from pathlib import Path
from typing import Any

import pytest

from buildsteps.errors import UsageError, WorldError
from buildsteps.results import Severity
from buildsteps.steps.scan.engines.inspector import making
from buildsteps.steps.scan.engines.inspector.engine import scan
from buildsteps.steps.scan.engines.inspector.making import all_pinned, origin_of
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned, Sighting
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world.aws import AwsError
from buildsteps.world.process import Completed
from tests.loopback_aws.in_process import InProcessAws
from tests.loopback_aws.services.inspector_scan import OURS, InspectorScan, Known
from tests.world_double import ScriptedProcesses, fake_world

FLAW = Known(id="CVE-2026-1", packages=("urllib3",))


class Project:
    """A folder with an SBOM, and the service."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.service = InspectorScan(FLAW)
        self.aws = InProcessAws.of(self.service.service)

    def write(self, name: str, content: Any) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        (self.folder / name).parent.mkdir(exist_ok=True, parents=True)
        (self.folder / name).write_text(text)

    def sbom(self, *components: dict[str, Any], **members: Any) -> None:
        listed = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components}
        self.write("sbom.json", listed | members)

    def scan(self, **options: Any) -> Scanned:
        files = sorted(str(one.relative_to(self.folder)) for one in self.folder.rglob("*.*"))
        world = fake_world(self.folder, aws=self.aws)
        asked = ScanOptions(sbom="sbom.json", **options)
        (scanned,) = scan(Subjects(files=tuple(files)), asked, world)
        return scanned

    def sent(self) -> list[dict[str, Any]]:
        return [request["sbom"] for _, request, _ in self.aws.calls]


def component(name: str = "urllib3", version: str = "1.24.1", **members: Any) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}" + (f"@{version}" if version else "")
    told = {"version": version} if version else {}
    return {"type": "library", "name": name, "purl": purl, **told, **members}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


class TestFindings:
    def test_the_sbom_is_sent_as_it_is_and_in_the_region_that_is_named(
        self, project: Project
    ) -> None:
        project.sbom(component(), metadata={"x": 1})

        project.scan(region="eu-west-1")

        ((_, request, region),) = project.aws.calls
        assert request["sbom"] == json.loads((project.folder / "sbom.json").read_text())
        assert (request["outputFormat"], region) == ("CYCLONE_DX_1_5", "eu-west-1")

    def test_each_package_of_a_vulnerability_is_a_finding(self, project: Project) -> None:
        project.service.known = (Known(id="CVE-2026-1", packages=("login", "passwd")),)
        project.sbom(component("login"), component("passwd"), component("bash"))

        scanned = project.scan()

        assert [(one.rule, one.identity) for one in scanned.sightings] == [
            ("CVE-2026-1", "login"),
            ("CVE-2026-1", "passwd"),
        ]

    def test_an_upgrade_that_does_not_mend_it_makes_no_new_finding(self, project: Project) -> None:
        project.sbom(component(version="1.24.1"))
        before = project.scan().sightings[0]
        project.sbom(component(version="1.24.2"))
        after = project.scan().sightings[0]

        assert (before.rule, before.identity) == (after.rule, after.identity)
        assert before.message != after.message

    def test_nested_components_are_judged(self, project: Project) -> None:
        project.sbom({"type": "application", "name": "app", "components": [component()]})

        assert [one.identity for one in project.scan().sightings] == ["urllib3"]

    def test_the_name_is_that_of_the_package_manager(self, project: Project) -> None:
        project.service.known = (Known(id="CVE-2026-1", packages=("core", "log4j-core")),)
        project.sbom(
            component("core", purl="pkg:npm/%40babel/core@7.0.0"),
            component("log4j-core", purl="pkg:maven/org.apache/log4j-core@2.14.0"),
        )

        names = [one.identity for one in project.scan().sightings]

        assert names == ["@babel/core", "org.apache:log4j-core"]

    def test_a_known_exploit_is_told(self, project: Project) -> None:
        exploit = {"exploit_available": "true"}
        project.service.known = (Known(id="C", packages=("urllib3",), properties=exploit),)
        project.sbom(component())

        assert "An exploit is known." in project.scan().sightings[0].message

    def test_a_malicious_package_is_critical_whatever_its_ratings(self, project: Project) -> None:
        malicious = Known(
            id="MAL-2026-1", packages=("urllib3",), ratings=(), properties={"is_malicious": "true"}
        )
        project.service.known = (malicious,)
        project.sbom(component())

        assert project.scan().sightings[0].severity == Severity.CRITICAL

    def test_what_the_sbom_rules_out_is_accepted(self, project: Project) -> None:
        project.service.known = (Known(id="C", packages=("urllib3",), analysis="not_affected"),)
        project.sbom(component())

        assert project.scan().sightings[0].suppressed == "the SBOM says not_affected"


def rating(source: str, severity: str, method: str = "CVSSv31", score: float = 0.0) -> Any:
    return {"source": {"name": source}, "severity": severity, "method": method, "score": score}


class TestSeverity:
    @pytest.mark.parametrize(
        ("ratings", "severity"),
        [
            ([rating("SNYK", "critical"), rating("NVD", "low")], Severity.LOW),
            ([rating("NVD", "unknown"), rating("GITHUB", "high")], Severity.HIGH),
            ([rating("NVD", "low", "CVSSv2"), rating("NVD", "high", "CVSSv4")], Severity.HIGH),
            ([rating("EPSS", "none", "other", 0.97), rating("NVD", "medium")], Severity.MEDIUM),
            ([rating("Ubuntu Linux", "low")], Severity.LOW),
            ([rating("NVD", "unknown", score=9.8)], Severity.CRITICAL),
            ([rating("EPSS", "critical", "other", 0.97)], Severity.MEDIUM),
            ([], Severity.MEDIUM),
            ([{"severity": None, "source": None, "score": None}], Severity.MEDIUM),
        ],
    )
    def test_the_first_known_rating_of_the_most_trusted_source_counts(
        self, project: Project, ratings: list[Any], severity: Severity
    ) -> None:
        project.service.known = (Known(id="C", packages=("urllib3",), ratings=ratings),)
        project.sbom(component())

        assert project.scan().sightings[0].severity == severity


class TestPlaces:
    def place(self, project: Project, purl: str) -> str:
        name = purl.rpartition("/")[2].partition("@")[0]
        project.service.known = (Known(id="C", packages=(name,)),)
        project.sbom(component(name, "1.0", purl=purl))
        (only,) = project.scan().sightings
        return str(only.locations[0])

    @pytest.mark.parametrize(
        ("file", "content", "purl", "place"),
        [
            ("requirements.txt", "# flask\nFlask_Login==1.0\n", "pkg:pypi/flask-login@1.0", ":2"),
            ("requirements.txt", "flask[async] >= 1\n", "pkg:pypi/flask@1.0", ":1"),
            ("requirements/base.in", "flask\n", "pkg:pypi/flask@1.0", ":1"),
            ("poetry.lock", '[[package]]\nname = "flask"\n', "pkg:pypi/flask@1.0", ":2"),
            ("uv.lock", '[[package]]\nname = "flask"\n', "pkg:pypi/flask@1.0", ":2"),
            ("Pipfile.lock", '{\n  "flask": {\n', "pkg:pypi/flask@1.0", ":2"),
            ("pyproject.toml", 'x = [\n  "flask>=1",\n]\n', "pkg:pypi/flask@1.0", ":2"),
            ("package-lock.json", '\n  "node_modules/lodash": {', "pkg:npm/lodash@1.0", ":2"),
            ("package-lock.json", '\n"node_modules/@b/core": {', "pkg:npm/%40b/core@1.0", ":2"),
            ("yarn.lock", '\n"@b/core@^7":\n', "pkg:npm/%40b/core@1.0", ":2"),
            ("pnpm-lock.yaml", "packages:\n  lodash@4.17.15:\n", "pkg:npm/lodash@1.0", ":2"),
            ("pom.xml", "\n <artifactId>core</artifactId>", "pkg:maven/org.a/core@1.0", ":2"),
            ("go.mod", "\n\tgolang.org/x/net v0.1.0\n", "pkg:golang/golang.org/x/net@1.0", ":2"),
            ("Cargo.lock", '\nname = "serde"\n', "pkg:cargo/serde@1.0", ":2"),
            ("Gemfile.lock", "GEM\n    rails (5.0)\n", "pkg:gem/rails@1.0", ":2"),
        ],
    )
    def test_it_is_the_line_that_names_the_package(
        self, project: Project, file: str, content: str, purl: str, place: str
    ) -> None:
        project.write(file, content)

        assert self.place(project, purl) == file + place

    def test_a_lock_file_comes_before_what_only_asks_for_a_package(self, project: Project) -> None:
        project.write("pyproject.toml", '["flask"]\n')
        project.write("uv.lock", 'name = "flask"\n')

        assert self.place(project, "pkg:pypi/flask@1.0") == "uv.lock:1"

    def test_a_package_that_no_file_names_is_placed_in_the_sbom(self, project: Project) -> None:
        project.write("requirements.txt", "flask-login\n")

        assert self.place(project, "pkg:pypi/flask@1.0") == "sbom.json"

    def test_a_file_that_cannot_be_read_as_text_has_no_places(self, project: Project) -> None:
        (project.folder / "requirements.txt").write_bytes(b"flask\xff\n")

        assert self.place(project, "pkg:pypi/flask@1.0") == "sbom.json"


class TestLargeSboms:
    def test_one_that_the_service_would_refuse_is_sent_in_parts(self, project: Project) -> None:
        many = [component(f"package-{number}") for number in range(2500)]
        project.sbom(*many, {"type": "operating-system", "name": "debian"}, component())

        scanned = project.scan()

        assert [len(one["components"]) for one in project.sent()] == [2000, 503]
        assert [one["components"][0]["name"] for one in project.sent()] == ["debian", "debian"]
        assert [one.identity for one in scanned.sightings] == ["urllib3"]
        assert "sent in 2 parts" in " ".join(scanned.notes)


class TestNoJudgement:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "sbom.json: is empty"),
            ("  <bom/>", "sbom.json:1: is XML"),
            ("{", "sbom.json:1:2: is no JSON"),
            ('{"a": NaN}', "sbom.json: is no JSON: NaN is no number"),
            ("7", "sbom.json: holds JSON, but not an object"),
            ('{"a":' * 50_000, "nested too deeply"),
            ('{"spdxVersion": "SPDX-2.3"}', "is SPDX"),
            ('{"components": []}', "no bomFormat"),
            ('{"bomFormat": "Other"}', "bomFormat is 'Other'"),
            ('{"bomFormat": "CycloneDX"}', "specVersion is missing"),
            ('{"bomFormat": "CycloneDX", "specVersion": 1.5}', "specVersion is missing"),
            ('{"bomFormat": "CycloneDX", "specVersion": "1.5"}', "lists no component"),
            (
                '{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": {}}',
                "Expected `array",
            ),
            (
                '{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [7]}',
                "Expected `object",
            ),
            (
                '{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"name": "a"}]}',
                "gives no version of any of its 1 component",
            ),
        ],
    )
    def test_what_is_no_sbom_is_a_wrong_call(self, project: Project, text: str, said: str) -> None:
        project.write("sbom.json", text)

        with pytest.raises(UsageError) as raised:
            project.scan()

        assert said in str(raised.value)
        assert project.aws.calls == []

    def test_what_the_service_refuses_is_a_wrong_call(self, project: Project) -> None:
        project.sbom(component(), specVersion="1.6")

        with pytest.raises(UsageError, match=r"takes CycloneDX 1\.5, and this is 1\.6"):
            project.scan()

    @pytest.mark.parametrize(
        "answer",
        [
            {},
            {"vulnerabilities": []},
            {"vulnerabilities": 7},
            {"components": [{"name": "a"}], "vulnerabilities": [{"id": "C"}]},
            {
                "metadata": {
                    "properties": [{"name": f"{OURS}critical_vulnerabilities", "value": "3"}]
                }
            },
        ],
    )
    def test_an_answer_without_a_report_is_never_clean(
        self, project: Project, answer: dict[str, Any]
    ) -> None:
        project.sbom(component())
        project.service.answer = answer

        with pytest.raises(AwsError, match="the answer is none that the API gives"):
            project.scan()

    def test_an_answer_that_speaks_of_no_component_is_never_clean(self, project: Project) -> None:
        project.sbom(component())
        none = {"properties": [{"name": f"{OURS}critical_vulnerabilities", "value": "0"}]}
        project.service.answer = {"metadata": none, "components": [], "vulnerabilities": []}

        with pytest.raises(AwsError, match="asked about 1 component and speaks of none"):
            project.scan()

    def test_what_the_service_skipped_is_told(self, project: Project) -> None:
        project.sbom(component(), component("flask", ""))

        notes = project.scan().notes

        assert "nothing is known of what has no version: flask" in notes
        said = "Amazon Inspector of 1 component: Component skipped: unresolved version provided."
        assert said in notes


class TestMaking:
    @pytest.mark.parametrize(
        ("files", "name"),
        [
            ({"poetry.lock": "", "pyproject.toml": ""}, "poetry.lock"),
            ({"Pipfile.lock": "{}"}, "Pipfile.lock"),
            ({"requirements.txt": "flask==1.0\n"}, "requirements.txt"),
            (
                {"requirements.txt": "flask>=1.0\n", ".venv/bin/python": ""},
                "the environment of .venv/bin/python",
            ),
            ({"venv/bin/python": ""}, "the environment of venv/bin/python"),
        ],
    )
    def test_it_is_made_of_what_says_best_what_runs(
        self, tmp_path: Path, files: dict[str, str], name: str
    ) -> None:
        for path, content in files.items():
            (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
            (tmp_path / path).write_text(content)

        assert origin_of(fake_world(tmp_path)).name == name

    @pytest.mark.parametrize(
        ("text", "pinned"),
        [
            ("flask==1.0\n# more\nrequests[socks]==2.0 ; python_version < '4'\n", True),
            ("flask==1.0 \\\n    --hash=sha256:00\n", True),
            ("flask\n", False),
            ("flask==1.*\n", False),
            ("-r other.txt\nflask==1.0\n", False),
            ("", False),
        ],
    )
    def test_requirements_say_what_runs_where_all_are_pinned(
        self, text: str, *, pinned: bool
    ) -> None:
        assert all_pinned(text) is pinned

    def made(self, folder: Path, done: Completed) -> Scanned:
        import sys

        world = fake_world(
            folder,
            aws=InProcessAws.of(InspectorScan(FLAW).service),
            processes=ScriptedProcesses({sys.executable: done}),
        )
        return scan(Subjects(files=()), ScanOptions(), world)[0]

    def test_without_cyclonedx_bom_the_way_to_it_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(making, "find_spec", lambda name: None)

        with pytest.raises(UsageError, match=r"pip install 'buildsteps\[sbom\]'"):
            self.made(tmp_path, Completed(0, b"", b""))

    def test_a_failure_of_it_is_told_with_its_own_words(self, tmp_path: Path) -> None:
        with pytest.raises(WorldError) as raised:
            self.made(tmp_path, Completed(1, b"", b"no such environment"))

        assert "could not make an SBOM" in raised.value.message
        assert raised.value.detail == "no such environment"

    def test_an_environment_without_packages_is_not_clean(self, tmp_path: Path) -> None:
        empty = b'{"bomFormat": "CycloneDX", "specVersion": "1.5"}'

        with pytest.raises(UsageError, match="lists no component"):
            self.made(tmp_path, Completed(0, empty, b""))


def test_a_finding_is_shown_without_what_could_steer_a_terminal(project: Project) -> None:
    project.service.known = (Known(id="CVE\x1b[31m-1", packages=("ev\x1b[2Jil",)),)
    project.sbom(component("ev\x1b[2Jil", purl="x"))

    (only,) = project.scan().sightings

    assert isinstance(only, Sighting)
    assert "\x1b" not in only.rule + only.message
