"""Scripts lie in DLT's bucket before the test starts; the API does not look whether they do."""

from pathlib import PurePath

from buildsteps.errors import UsageError, WorldError
from buildsteps.steps.loadtest.dlt.body import script_name
from buildsteps.steps.loadtest.scenario.model import Scenario
from buildsteps.world import World

LARGEST = 50 * 1024 * 1024
"""Bytes: what DLT's console takes."""


def upload_script(scenario: Scenario, bucket: str, region: str, world: World) -> str:
    """Put the scenario's script where DLT's tasks look for it; give its key, or nothing.

    Raises:
        UsageError: the script cannot be read.
        WorldError: the bucket is not known, or S3 refuses (AwsError).
    """
    script = scenario.script
    if script is None or not script.path:
        return ""
    if not bucket:
        raise WorldError(
            f"{PurePath(script.path).name} cannot be uploaded: --bucket names the scenarios bucket "
            "of Distributed Load Testing, which its API did not tell"
        )
    data = world.files.read_bytes(script.path, LARGEST)
    if not data:
        raise UsageError(f"the script {PurePath(script.path).name} is empty", scenario.place)
    key = f"public/test-scenarios/{script.kind}/{script_name(scenario, script)}"
    world.aws.call("s3", "PutObject", {"Bucket": bucket, "Key": key, "Body": data}, region=region)
    if script.kind == "k6" and key.endswith(".js"):
        # DLT's tasks take <id>.ts where there is one, and so an older script under the same id.
        older = {"Bucket": bucket, "Key": f"{key.removesuffix('.js')}.ts"}
        world.aws.call("s3", "DeleteObject", older, region=region)
    return key
