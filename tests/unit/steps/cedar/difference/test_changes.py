from buildsteps.steps.cedar.difference.changes import EXAMPLES, MOST_KINDS, Changes, Kind

VIEW = ("Action", "view")


def allowed(*new: str) -> Kind:
    return Kind("DENY", "ALLOW", VIEW, (), new)


def test_what_is_newly_allowed_comes_first_then_what_is_newly_denied_then_the_rest() -> None:
    changes = Changes()
    kinds = [
        Kind("", "DENY", None),
        Kind("ALLOW", "ALLOW", None, ("p",), ()),
        Kind("ALLOW", "DENY", VIEW, ("p",), ()),
        allowed("q"),
        allowed("r"),
    ]
    for number, kind in enumerate(kinds, 1):
        changes.add(kind, number, range(number))
    assert [one.kind for one in changes.by_weight()] == [*kinds[:2:-1], kinds[2], *kinds[1::-1]]


def test_requests_beyond_the_first_of_a_kind_are_only_counted() -> None:
    changes = Changes()
    changes.add(allowed("p"), EXAMPLES - 1, range(EXAMPLES - 1))
    changes.add(allowed("p"), 10, range(EXAMPLES, EXAMPLES + 10))
    (change,) = changes.all()
    assert change.number == EXAMPLES + 9
    assert change.numbers == [*range(EXAMPLES - 1), EXAMPLES]


def test_beyond_so_many_kinds_policies_are_told_apart_no_more_and_nothing_is_lost() -> None:
    changes = Changes()
    for number in range(2 * MOST_KINDS):
        changes.add(allowed(f"p{number}"), 1, (number,))
    assert len(changes.all()) == MOST_KINDS + 1
    assert changes.all()[-1].kind == Kind("DENY", "ALLOW", VIEW, several=True)
    assert sum(one.number for one in changes.all()) == 2 * MOST_KINDS
    changes.add(allowed("p0"), 1, (7,))
    assert changes.all()[0].number == 2


def test_a_kind_knows_what_it_means() -> None:
    gone = Kind("ALLOW", "", VIEW, ("p",), ())
    assert (gone.decides, gone.widens, gone.only_possible) == (True, False, False)
    assert Kind("DENY", "", None).only_possible
    assert not Kind("DENY", "DENY", None, ("f",), ("g",)).only_possible


def test_a_permit_that_is_overruled_is_not_what_the_change_comes_from() -> None:
    assert Kind("ALLOW", "DENY", VIEW, ("permit",), ("forbid",)).culprits == ("forbid",)
    assert Kind("ALLOW", "DENY", VIEW, ("permit",), ()).culprits == ("permit",)
    assert Kind("DENY", "ALLOW", VIEW, ("forbid",), ("permit",)).culprits == ("forbid", "permit")
