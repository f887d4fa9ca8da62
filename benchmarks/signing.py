"""``verify`` and ``sign`` beside bare calls of notation, with real parts on loopback."""

from pathlib import Path

from benchmarks.signed import Signed, signed_images
from benchmarks.tables import Bound, Found
from benchmarks.timing import Comparison, Run, Spread, in_turn, repeated, spread_of

IMAGES = 50
SIGNED = 20
MANY = 500


def verify(runs: int, folder: Path) -> Found:
    """50 signed images in one manifest, by digest and by tag, against bare notation calls."""
    with signed_images(folder, IMAGES) as signed:
        found = in_turn(_verify_commands(signed), folder, runs)
    whole = Found(found, {})
    for name in ("digest", "tag"):
        ratios = _ratios(found, name)
        whole = whole._replace(
            ratios=whole.ratios | ratios,
            bounds=(
                *whole.bounds,
                *(
                    Bound(
                        f"by {name}, {figure}", ratios[_further(name, figure)].median, 1.2, "times"
                    )
                    for figure in ("wall", "cpu")
                ),
            ),
        )
    return whole


def _verify_commands(signed: Signed) -> dict[str, list[str]]:
    commands = {}
    for label, manifest in (
        ("by digest", "digests.yaml"),
        ("by tag", "tags.yaml"),
        ("one by digest", "one-digest.yaml"),
        ("one by tag", "one-tag.yaml"),
        ("nothing", "nothing.yaml"),
    ):
        empty = ("--allow-empty",) if label == "nothing" else ()
        commands[label] = signed.ours("verify", "-q", "--from", manifest, *empty)
        commands[f"bare, {label}"] = signed.bare(manifest)
    return commands


def _further(name: str, figure: str) -> str:
    return f"{IMAGES - 1} further by {name}, {figure}"


def _ratios(found: dict[str, list[Run]], name: str) -> dict[str, Spread]:
    """With all that happens once, without what one image costs, without what none costs."""
    ratios = {}
    for figure in ("wall", "cpu"):
        ours, bare = found[f"by {name}"], found[f"bare, by {name}"]
        ratios[f"whole, by {name}, {figure}"] = Comparison(ours, bare).ratios(figure)
        for label, less in (
            (_further(name, figure), f"one by {name}"),
            (f"less an empty run, by {name}, {figure}", "nothing"),
        ):
            pairs = zip(ours, bare, found[less], found[f"bare, {less}"], strict=True)
            ratios[label] = Spread.of(
                [
                    (getattr(a, figure) - getattr(c, figure))
                    / (getattr(b, figure) - getattr(d, figure))
                    for a, b, c, d in pairs
                ]
            )
    return ratios


def sign(runs: int, folder: Path) -> Found:
    """20 images that are signed already, which takes no signature; for information."""
    with signed_images(folder, SIGNED) as signed:
        ours = signed.ours("sign", "-q", "--key", "local", "--from", "tags.yaml")
        commands = {"signed already": ours, "bare": signed.bare("tags.yaml")}
        found = in_turn(commands, folder, runs)
    comparison = Comparison(found["signed already"], found["bare"])
    ratios = {f"whole, {figure}": comparison.ratios(figure) for figure in ("wall", "cpu")}
    return Found(found, ratios)


def memory(runs: int, folder: Path) -> Found:
    """500 signed images in one manifest: peak memory of the command and all that it starts."""
    with signed_images(folder, MANY) as signed:
        command = signed.ours("verify", "-q", "--from", "digests.yaml")
        found = repeated(command, folder, max(runs // 3, 1))
        one = repeated(signed.ours("verify", "-q", "--from", "one-digest.yaml"), folder, 1)
    peak = spread_of(found, "megabytes").high
    return Found(
        {f"{MANY} images": found, "one image": one}, {}, bounds=(Bound("peak", peak, 100, "MB"),)
    )
