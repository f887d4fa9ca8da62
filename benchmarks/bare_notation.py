"""The same work with bare calls of notation, spread over the cores: what a shell script would do.

``python -m benchmarks.bare_notation NOTATION FILE``; the file names an image a line. Each is
verified and inspected, as JSON, and the answers are read no further than whether the call worked.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def ask(program: str, image: str) -> int:
    """Verify and inspect one image; the bytes of what notation said."""
    said = 0
    for command in (["verify"], ["inspect", "--output", "json"]):
        call = [program, *command, "--insecure-registry", image]
        said += len(subprocess.run(call, check=True, capture_output=True).stdout)
    return said


def ask_all(program: str, images: list[str]) -> int:
    """Ask about all images, as many at once as there are cores."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return sum(pool.map(lambda image: ask(program, image), images))


if __name__ == "__main__":
    names = Path(sys.argv[2]).read_text().split()
    print(ask_all(sys.argv[1], names))
