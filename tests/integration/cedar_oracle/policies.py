"""Random policies and templates for a schema, laid out over lines and with comments."""

import re
from random import Random

from msgspec import Struct

from tests.integration.cedar_oracle.expressions import BREAK, JOINT, Conditions
from tests.integration.cedar_oracle.schemas import Action, Schema

_COMMENTS = ("// why; not", '// "quoted', "// ünï ) }", "//")


class Policy(Struct, frozen=True, kw_only=True):
    """The text of a policy from its first token to the ``;``, and the slots of a template."""

    text: str
    id_annotation: str = ""
    slots: tuple[str, ...] = ()
    pair: tuple[str, str] = ("", "")

    @property
    def is_template(self) -> bool:
        """Whether it needs links to decide anything."""
        return bool(self.slots)


def random_policy(rng: Random, schema: Schema, name: str) -> Policy:
    """A policy about one of the schema's actions; two in five have mistakes in them."""
    action = rng.choice(schema.applicable)
    pair = (rng.choice(action.principals), rng.choice(action.resources))
    faults = rng.choice([0, 0, 0, 0, 0, 0, 1, 1, 1, 3])
    conditions = Conditions(rng, schema, action, pair, faults)
    annotated = f'@id("{name}")' if rng.random() < 0.3 else ""
    parts = [annotated, rng.choice(['@note("a; \\"b\\"")', "@flag", "", "", ""])]
    principal = _scope(rng, conditions, "principal", pair[0])
    resource = _scope(rng, conditions, "resource", pair[1])
    scope = f",{BREAK}".join([principal, _action(rng, schema, action), resource])
    parts.append(f"{rng.choice(['permit', 'permit', 'forbid'])} ({BREAK}{scope}{BREAK})")
    for _ in range(rng.choice([0, 1, 1, 1, 2])):
        word = rng.choice(["when", "when", "unless"])
        parts.append(f"{word} {{{BREAK}{conditions.condition()}{BREAK}}}")
    text = BREAK.join(part for part in parts if part) + ";"
    slots = tuple(slot for slot in ("?principal", "?resource") if slot in text)
    return Policy(
        text=_laid_out(rng, text),
        id_annotation=name if annotated else "",
        slots=slots,
        pair=pair,
    )


def _scope(rng: Random, conditions: Conditions, variable: str, name: str) -> str:
    if conditions.faults and rng.random() < 0.1:
        conditions.faults -= 1
        return rng.choice([f"{variable} is Missing", f'{variable} == Unknown::"a"'])
    forms = [f"{variable} is {name}"] * 4
    forms += [f"{variable} == {conditions.uid(name)}", f"{variable} in {conditions.uid(name)}"]
    forms += [f"{variable} is {name} in {conditions.uid(name)}", variable]
    forms += [f"{variable} == ?{variable}", f"{variable} is {name} in ?{variable}"]
    return rng.choice(forms)


def _action(rng: Random, schema: Schema, action: Action) -> str:
    several = ", ".join(one.uid for one in rng.sample(schema.applicable, 1))
    forms = [f"action == {action.uid}"] * 4 + [f"action in [{action.uid}, {several}]", "action"]
    forms += [f"action in {group}" for group in action.groups]
    if rng.random() < 0.03:
        forms = ['action == Action::"raed"', f'action in {schema.actions[0].uid[:-1]}x"']
    return rng.choice(forms)


def _laid_out(rng: Random, text: str) -> str:
    """Put spaces, line ends and comments where the text may break."""
    comments = rng.random() < 0.3

    def gap(_: re.Match[str]) -> str:
        if comments and rng.random() < 0.15:
            return f"  {rng.choice(_COMMENTS)}\n    "
        return rng.choice([" ", "\n  ", "\n    ", "\n\t"])

    def joint(_: re.Match[str]) -> str:
        return "\n      " if rng.random() < 0.04 else ""

    return re.sub(JOINT, joint, re.sub(BREAK, gap, text))
