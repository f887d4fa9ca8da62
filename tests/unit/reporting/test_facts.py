from buildsteps.reporting.facts import flat_facts


def test_inner_facts_get_dotted_names_and_lists_are_left_out() -> None:
    facts = {
        "engine": {"name": "cedar", "build": {"number": 7}},
        "partial": True,
        "seconds": 1.5,
        "inputs": ["a"],
        "region": "",
        "account": None,
    }
    assert list(flat_facts(facts)) == [
        ("engine.name", "cedar"),
        ("engine.build.number", "7"),
        ("partial", "true"),
        ("seconds", "1.5"),
    ]
