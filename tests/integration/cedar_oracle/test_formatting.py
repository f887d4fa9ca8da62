"""``cedar-format`` beside the oracle's formatter, on random policies that parse."""

from pathlib import Path

from tests.command_line import buildsteps
from tests.integration.cedar_oracle.stores import random_store
from tests.integration.cedar_oracle.tally import Tally
from tests.real_parts.cedar_wasm import Oracle

STORES = 30


def test_formatted_files_are_the_oracles(
    oracle: Oracle, seeds: range, usual: bool, tmp_path: Path
) -> None:
    files = [
        (f"{seed}-{file.name}", file.text)
        for seed in (seeds[:STORES] if usual else seeds)
        for file in random_store(seed).files
        if not file.broken
    ]
    for name, text in files:
        (tmp_path / name).write_bytes(text.encode())
    ran = buildsteps("cedar-format", ".", "--format", "json", cwd=tmp_path)
    refused = {name.removeprefix("format ") for _, name in ran.cases("error")}
    questions = [("formatPolicies", {"policyText": text}) for _, text in files]
    tally = Tally("formatted files")
    for (name, _), answer in zip(files, oracle.ask(questions), strict=True):
        if name not in refused and answer["type"] == "success":
            formatted = (tmp_path / name).read_bytes().decode().replace("\r\n", "\n")
            tally.add(name, formatted, answer["formatted_policy"])
    tally.check(usual, (144, 144), at_least=0.95)
    assert len(refused) <= 0.02 * len(files), refused
