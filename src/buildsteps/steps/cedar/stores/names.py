"""The conventional names of Cedar files: how things are found without flags."""

TESTS_FOLDER = "tests"
ALLOW, DENY = "ALLOW", "DENY"


def is_policy(name: str) -> bool:
    """A file of policies or templates: ``*.cedar``, or ``*.cedar.json`` in Cedar's JSON format."""
    return name.endswith((".cedar", ".cedar.json")) and not name.startswith(".cedar")


def is_suite(name: str) -> bool:
    """A test suite in our format: ``cedartests.yaml``, ``*.cedartests.yml``, ``.json``, ..."""
    return any(_conventional(name, f"cedartests.{kind}") for kind in ("yaml", "yml", "json"))


def is_schema(name: str) -> bool:
    """A schema: ``cedarschema``, ``*.cedarschema``, and the same with ``.json`` behind."""
    return is_cedar_schema(name) or _conventional(name, "cedarschema.json")


def is_cedar_schema(name: str) -> bool:
    """A schema in Cedar's own syntax."""
    return _conventional(name, "cedarschema")


def is_entities(name: str) -> bool:
    """An entities document: ``cedarentities.json``, ``*.cedarentities.json``."""
    return _conventional(name, "cedarentities.json")


def is_links(name: str) -> bool:
    """Template links: ``cedartemplatelinks.json``, ``*.cedartemplatelinks.json``."""
    return _conventional(name, "cedartemplatelinks.json")


def is_request(name: str) -> bool:
    """An authorization request: ``cedarauth.json``, ``*.cedarauth.json``."""
    return _conventional(name, "cedarauth.json")


def is_test(name: str) -> bool:
    """A test that convention knows by its name."""
    return is_request(name) or is_suite(name)


def is_any(name: str) -> bool:
    """A file that one of these conventions knows."""
    return "cedar" in name and (
        is_policy(name)
        or is_request(name)
        or is_schema(name)
        or is_entities(name)
        or is_links(name)
        or is_suite(name)
    )


def _conventional(name: str, ending: str) -> bool:
    return name == ending or name.endswith(f".{ending}")
