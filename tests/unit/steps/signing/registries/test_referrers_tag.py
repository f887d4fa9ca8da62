import json

from buildsteps.image_reference import parse_reference
from buildsteps.steps.signing.registries.referrers_tag import tag_of, without

ONE, TWO = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"


def test_the_tag_is_the_digest_with_a_dash() -> None:
    subject = parse_reference(f"r.example/web:1@{ONE}")
    assert str(tag_of(subject)) == f"r.example/web:sha256-{'1' * 64}"


def test_taking_one_out_leaves_all_else() -> None:
    index = {"schemaVersion": 2, "x": [1], "manifests": [{"digest": ONE}, {"digest": TWO, "y": 3}]}
    changed = without(index, ONE)
    assert changed is not None
    assert json.loads(changed) == {**index, "manifests": [{"digest": TWO, "y": 3}]}


def test_what_is_not_listed_changes_nothing() -> None:
    assert without({"manifests": [{"digest": ONE}]}, TWO) is None
    assert without({}, TWO) is None
