"""A DLT with its bucket, and a world that talks to both by real HTTP and whose waiting is free."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from msgspec import Struct, field
from msgspec.structs import replace

from buildsteps.steps.loadtest.dlt.api import Api
from buildsteps.steps.loadtest.dlt.endpoint import endpoint_of
from buildsteps.steps.loadtest.dlt.session import Session, Wishes
from buildsteps.steps.loadtest.scenario.model import Region, Request, Scenario
from buildsteps.world import World
from buildsteps.world.aws_sdk import SystemAws
from buildsteps.world.http_requests import SystemHttp
from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.services.s3 import S3
from tests.loopback_dlt.server import BUCKET, LoopbackDlt, loopback_dlt
from tests.world_double import fake_world

URL = "https://orders.example/"
ORDERS = Scenario(
    name="orders",
    requests=(Request(url=URL, name="GET /orders"),),
    regions=(
        Region(region="us-east-1", tasks=2, concurrency=5),
        Region(region="eu-west-1", tasks=1, concurrency=5),
    ),
    ramp_up=10.0,
    hold_for=30.0,
)


class SharedClock:
    """Who sleeps moves DLT's clock, too; ``then`` is called after each sleep."""

    def __init__(self, dlt: LoopbackDlt) -> None:
        self.dlt = dlt
        self.slept: list[float] = []
        self.then: Callable[[], None] = lambda: None

    def monotonic(self) -> float:
        return self.dlt.clock.now()

    def now(self) -> float:
        return self.dlt.clock.now()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.dlt.clock.advance(max(seconds, 0.0))
        self.then()


class Stage(Struct):
    """All that a test of the engine needs."""

    dlt: LoopbackDlt
    aws: LoopbackAws
    s3: S3
    clock: SharedClock
    world: World
    folder: Path
    progress: list[str] = field(default_factory=list)

    def api(self) -> Api:
        return Api(endpoint_of(self.dlt.endpoint), self.world)

    def session(self, scenario: Scenario = ORDERS, **wishes: object) -> Session:
        given = replace(Wishes(), **wishes)
        return Session(self.api(), scenario, given, self.world)

    @property
    def told(self) -> str:
        return "\n".join(self.progress)

    def put_samples(self, test_id: str, run_id: str, files: Mapping[str, bytes]) -> None:
        for name, data in files.items():
            key = f"results/{test_id}/2026-11-23T09:34:40_{run_id}/{name}"
            self.s3.buckets[BUCKET][key] = data


@contextmanager
def stage_in(folder: Path, version: str = "v4.2.3") -> Iterator[Stage]:
    """Set everything up; the environment of this process is that of the loopback services."""
    s3 = S3(BUCKET, page=2)
    with loopback_dlt(version) as dlt, loopback_aws(s3) as aws:
        environ = {**dlt.environment(), "AWS_ENDPOINT_URL_S3": aws.url}
        with patch.dict("os.environ", environ):
            clock, progress = SharedClock(dlt), list[str]()
            world = replace(
                fake_world(folder, environ=environ, progress=progress),
                clock=clock,
                http=SystemHttp("buildsteps/1", clock),
                aws=SystemAws("buildsteps/1"),
            )
            yield Stage(dlt, aws, s3, clock, world, folder, progress)
