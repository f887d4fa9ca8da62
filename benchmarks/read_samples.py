"""Write a file of samples, read it as the tool does, or count its rows as barely as can be.

``python -m benchmarks.read_samples write|ours|bare FILE [ROWS]``
"""

import csv
import math
import random
import sys
from pathlib import Path

HEADER = (
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,"
    "failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n"
)
LABELS = ("GET /orders", "POST /orders", "GET /", "GET /items/{id}", "health")
PERCENTILES = (50, 90, 95, 99, 99.9)


def write(path: Path, rows: int) -> None:
    """Write rows as JMeter does, 10,000 a second, in the order of time."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8") as stream:
        stream.write(HEADER)
        for number in range(rows):
            elapsed = int(math.exp(chance.gauss(4, 0.5))) + 1
            code, success = (503, "false") if chance.random() < 0.001 else (200, "true")
            stream.write(
                f"{1_772_366_400_000 + number // 10},{elapsed},{LABELS[number % 5]},{code},OK,"
                f"Thread Group 1-{number % 50},text,{success},,{1000 + number % 97},120,50,50,null,"
                f"{elapsed - 1},0,1\n"
            )


def ours(path: Path) -> None:
    """Exact percentiles, all labels, and the series."""
    from buildsteps.steps.loadtest.measured.sample_file import SampleFile
    from buildsteps.steps.loadtest.measured.samples import Samples

    results = Samples([SampleFile(path)]).results()
    for name, measured in {"all": results.total, **results.labels}.items():
        print(name, measured.count, *map(measured.times.percentile, PERCENTILES))
    print(len(results.series))


def bare(path: Path) -> None:
    """Count the rows."""
    with path.open(encoding="utf-8", newline="") as stream:
        print(sum(1 for _ in csv.reader(stream)))


if __name__ == "__main__":
    what, file = sys.argv[1], Path(sys.argv[2])
    if what == "write":
        write(file, int(sys.argv[3]))
    else:
        {"ours": ours, "bare": bare}[what](file)
