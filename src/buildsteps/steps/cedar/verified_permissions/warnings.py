"""What is worth saying about a store before anybody trusts the comparison."""

from collections.abc import Iterator

from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.verified_permissions.deployed import Deployed
from buildsteps.steps.cedar.verified_permissions.rule_names import OTHER_ENGINE, VALIDATION_OFF


def warnings(deployed: Deployed, folder: str) -> Iterator[Finding]:
    """An engine of another version, and a store that takes invalid policies."""
    version = engine.facts()["version"]
    major = deployed.cedar_version.removeprefix("CEDAR_")
    if major and major != version.split(".")[0]:
        yield Finding(
            rule=OTHER_ENGINE,
            severity=Severity.MEDIUM,
            message=f"the policy store decides with Cedar {major}, and the engine here is"
            f" {version}: decisions and validation may differ",
            locations=(Location(path=folder),),
            fix="ask AWS to move the store to Cedar 4, or rely on the replay alone",
            fingerprint=f"{OTHER_ENGINE}:{deployed.id}",
        )
    if deployed.mode == "OFF":
        yield Finding(
            rule=VALIDATION_OFF,
            severity=Severity.MEDIUM,
            message="the policy store validates nothing: it takes policies that its schema forbids",
            locations=(Location(path=folder),),
            fix="set its validation mode to STRICT",
            fingerprint=f"{VALIDATION_OFF}:{deployed.id}",
        )
