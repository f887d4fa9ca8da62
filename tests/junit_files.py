"""What the JUnit files of a build tell."""

from xml.etree import ElementTree as ET

from tests.buildspec_runner import BuildResult


def told(build: BuildResult, group: str) -> dict[str, str]:
    """How each case of a report group ended, by its name: `passed`, or how and why not."""
    return {
        case.get("name", ""): _ended(case)
        for file in build.reports[group]
        for case in ET.parse(file.path).iter("testcase")
    }


def _ended(case: ET.Element) -> str:
    problems = [one for one in case if one.tag in {"failure", "error", "skipped"}]
    return "; ".join(f"{one.tag}: {one.get('message')}" for one in problems) or "passed"
