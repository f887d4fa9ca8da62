"""A scenario that is a script of the user's own: Locust, JMeter or k6."""

from pathlib import Path, PurePath

from buildsteps.results import Location
from buildsteps.steps.loadtest.scenario.model import Script, ScriptKind
from buildsteps.steps.loadtest.scenario.remarks import Remarks

_KINDS: dict[str, ScriptKind] = {".py": "locust", ".jmx": "jmeter", ".js": "k6", ".ts": "k6"}
_ARCHIVE = ".zip"


def script_of(
    path: Path, kind: ScriptKind | None, place: Location | None, remarks: Remarks
) -> Script:
    """The script at ``path``; its kind is told by the name where nobody says it."""
    found = kind or _KINDS.get(path.suffix.lower())
    if found is None:
        what = "an archive needs its kind: locust, jmeter or k6"
        known = "a script is a .py (Locust), .jmx (JMeter), .js or .ts (k6)"
        remarks.wrong(what if path.suffix.lower() == _ARCHIVE else known, place)
    if not path.is_file():
        remarks.wrong(f"the script {PurePath(path).name} is not there", place)
    return Script(kind=found or "locust", path=str(path))


def check_ramp_up(
    script: Script | None, ramp_up: float, place: Location | None, remarks: Remarks
) -> None:
    """Refuse what DLT loses in silence.

    It runs k6 with users and duration only; a ramp-up is subtracted from the time and never made.
    """
    if script is not None and script.kind == "k6" and ramp_up:
        remarks.wrong(
            "Distributed Load Testing makes no ramp-up with k6, and cuts the run by it: leave it "
            "out, and put stages into the script",
            place,
        )
