"""Random policy stores: what a team would have in a folder, good and broken."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from msgspec import Struct

from tests.integration.cedar_oracle.breakage import broken
from tests.integration.cedar_oracle.expressions import IDS
from tests.integration.cedar_oracle.policies import Policy, random_policy
from tests.integration.cedar_oracle.requests import random_entities, random_request
from tests.integration.cedar_oracle.schemas import Schema, as_cedar, as_json, random_schema

_BETWEEN = ("\n", "\n\n", " ", '\n// between; "two\n', " // after ünï; }\n")


class Placed(Struct, frozen=True, kw_only=True):
    """A policy in a file: the id that people know it by, and where its first token is."""

    id: str
    policy: Policy
    start: int

    @property
    def end(self) -> int:
        """Just after its ``;``."""
        return self.start + len(self.policy.text)


class File(Struct, frozen=True, kw_only=True):
    """A policy file; of one that somebody broke nobody knows which policies it holds."""

    name: str
    text: str
    placed: tuple[Placed, ...] = ()
    broken: bool = False


class Link(Struct, frozen=True, kw_only=True):
    """A template link; ``text`` is the policy that it makes, written out."""

    id: str
    template: Placed
    values: dict[str, str]

    @property
    def text(self) -> str:
        """The policy that the link makes."""
        text = self.template.policy.text
        for slot, uid in self.values.items():
            text = text.replace(slot, uid)
        return text


class Store(Struct, frozen=True, kw_only=True):
    """A policy store; ``schema_text`` is None for one without a schema."""

    name: str
    schema_text: str | None
    files: tuple[File, ...]
    links: tuple[Link, ...]
    entities: list[dict[str, Any]]
    requests: tuple[dict[str, Any], ...]

    @property
    def schema(self) -> Any:
        """The schema as cedar-wasm takes it."""
        text = self.schema_text or ""
        return json.loads(text) if text.startswith("{") else text

    def write(self, folder: Path) -> None:
        """Write everything but the tests."""
        tests = folder / "tests"
        tests.mkdir(parents=True)
        if self.schema_text is not None:
            ending = ".json" if self.schema_text.startswith("{") else ""
            (folder / f"cedarschema{ending}").write_text(self.schema_text, "utf-8")
        for file in self.files:
            (folder / file.name).write_bytes(file.text.encode())
        if self.links:
            links = [
                {"template_id": one.template.id, "link_id": one.id, "args": one.values}
                for one in self.links
            ]
            (folder / "cedartemplatelinks.json").write_text(json.dumps(links), "utf-8")
        (tests / "cedarentities.json").write_text(json.dumps(self.entities), "utf-8")


def random_store(seed: int) -> Store:
    """The store of a seed: the same each time."""
    rng = Random(f"store {seed}")
    schema = random_schema(rng)
    files = tuple(_files(rng, schema))
    entities = random_entities(rng, schema)
    if rng.random() < 0.04 and entities:
        entities[0]["attrs"]["undeclared"] = 1
    return Store(
        name=f"s{seed:04}",
        schema_text=_schema_text(rng, schema),
        files=files,
        links=tuple(_links(rng, schema, files)),
        entities=entities,
        requests=tuple(random_request(rng, schema) for _ in range(10)),
    )


def _schema_text(rng: Random, schema: Schema) -> str | None:
    kind = rng.random()
    if kind < 0.12:
        return None
    text = as_cedar(schema)
    if kind < 0.18:
        return broken(rng, text)
    return json.dumps(as_json(schema), indent=1) if kind < 0.55 else text


def _files(rng: Random, schema: Schema) -> Iterator[File]:
    for number in range(rng.randint(4, 7)):
        stem = f"p{number}"
        count = rng.choice([1, 1, 1, 2, 4])
        policies = [random_policy(rng, schema, f"{stem} no {n}") for n in range(count)]
        line_end = "\r\n" if rng.random() < 0.1 else "\n"
        if rng.random() < 0.2:
            texts = [one.text for one in policies]
            texts[0] = broken(rng, texts[0])
            rng.shuffle(texts)
            text = rng.choice(_BETWEEN).join(texts).replace("\n", line_end)
            yield File(name=f"{stem}.cedar", text=text, broken=True)
        else:
            yield _file(rng, stem, policies, line_end)


def _file(rng: Random, stem: str, policies: list[Policy], line_end: str) -> File:
    text = rng.choice(["", "", "// The head; of it\n\n", "\n"]).replace("\n", line_end)
    placed = []
    for number, one in enumerate(policies, 1):
        policy = Policy(
            text=one.text.replace("\n", line_end),
            id_annotation=one.id_annotation,
            slots=one.slots,
            pair=one.pair,
        )
        name = one.id_annotation or (stem if number == 1 else f"{stem}#{number}")
        placed.append(Placed(id=name, policy=policy, start=len(text)))
        text += policy.text + rng.choice(_BETWEEN).replace("\n", line_end)
    return File(name=f"{stem}.cedar", text=text, placed=tuple(placed))


def _links(rng: Random, schema: Schema, files: tuple[File, ...]) -> Iterator[Link]:
    templates = [one for file in files for one in file.placed if one.policy.is_template]
    for number in range(rng.randint(0, 2 * len(templates))):
        template = rng.choice(templates)
        kinds = dict(zip(("?principal", "?resource"), template.policy.pair, strict=True))
        if rng.random() < 0.15:
            kinds["?principal"] = kinds["?resource"]
        values = {slot: _uid(rng, schema, kinds[slot]) for slot in template.policy.slots}
        yield Link(id=f"link {number}", template=template, values=values)


def _uid(rng: Random, schema: Schema, kind: str) -> str:
    return f'{kind}::"{rng.choice(schema.entity(kind).choices or IDS)}"'
