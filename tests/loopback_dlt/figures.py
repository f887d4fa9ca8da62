"""The figures of a run as the solution writes them: twice, in different names and units."""

from collections.abc import Mapping, Sequence
from typing import Any

PERCENTILES = {"p50": "p50_0", "p90": "p90_0", "p95": "p95_0", "p99": "p99_0", "p99_9": "p99_9"}


def figures(
    count: int,
    *,
    failed: int = 0,
    seconds: float = 0.1,
    duration: int = 30,
    labels: Sequence[str] = (),
    concurrency: int = 5,
    code: str = "500",
) -> dict[str, Any]:
    """Results of one region or of all: times are strings in seconds, ``throughput`` is a count.

    ``seconds`` is the mean; the percentiles lie around it. Labels share the count evenly, and say
    a duration of "0".
    """
    part = [count // len(labels) + (n < count % len(labels)) for n in range(len(labels))]
    bad = [failed if n == len(labels) - 1 else 0 for n in range(len(labels))]
    return {
        "avg_ct": "0.00000",
        "avg_lt": f"{seconds * 0.9:.5f}",
        "avg_rt": f"{seconds:.5f}",
        "bytes": str(count * 512),
        "concurrency": str(concurrency),
        "fail": failed,
        "p0_0": f"{seconds * 0.5:.3f}",
        "p100_0": f"{seconds * 4:.3f}",
        "p50_0": f"{seconds * 0.95:.3f}",
        "p90_0": f"{seconds * 1.5:.3f}",
        "p95_0": f"{seconds * 2:.3f}",
        "p99_0": f"{seconds * 3:.3f}",
        "p99_9": f"{seconds * 3.5:.3f}",
        "stdev_rt": f"{seconds * 0.3:.3f}",
        "succ": count - failed,
        "testDuration": str(duration),
        "throughput": count,
        "rc": [{"code": code, "count": failed}] if failed else [],
        "labels": [
            {
                **figures(some, failed=wrong, seconds=seconds, duration=0, code=code),
                "label": label,
                "labels": None,
            }
            for label, some, wrong in zip(labels, part, bad, strict=True)
        ],
    }


def without_empty_labels(results: dict[str, Any]) -> dict[str, Any]:
    """Labels have no labels of their own; take the key away."""
    for one in results.get("labels", ()):
        one.pop("labels", None)
    return results


def summary(total: Mapping[str, Any]) -> dict[str, Any]:
    """The same for a list of runs: numbers in milliseconds, other names, zeros left out."""
    duration = float(total["testDuration"]) or 1.0
    told = {
        "requests": total["throughput"],
        "success": total["succ"],
        "errors": total["fail"],
        "requestsPerSecond": round(total["throughput"] / duration, 2),
        "avgResponseTime": round(float(total["avg_rt"]) * 1000, 2),
        "avgBandwidth": round(float(total["bytes"]) / duration, 2),
        "percentiles": {
            **{name: round(float(total[wire]) * 1000) for name, wire in PERCENTILES.items()},
            "p100": round(float(total["p100_0"]) * 1000),
        },
    }
    return {name: value for name, value in told.items() if value}
