from hypothesis import given
from hypothesis import strategies as st

from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.scan.verdict.since import Changed, Lines, changed_lines

PATCH = b"""diff --git a/a.py b/a.py
index 1..2 100644
--- a/a.py
+++ b/a.py
@@ -1,0 +2 @@ def f
+new
@@ -5,2 +7,3 @@
-++ b/evil.py
-@@ -1 +1 @@
+++ b/evil.py
+@@ -1,9 +1,9 @@
+++++ b/other.py
\\ No newline at end of file
@@ -20,4 +24,0 @@
-a
-b
-c
-d
diff --git a/b.py b/c.py
similarity index 100%
rename from b.py
rename to c.py
diff --git a/gone.py b/gone.py
deleted file mode 100644
--- a/gone.py
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git a/picture.png b/picture.png
Binary files a/picture.png and b/picture.png differ
diff --git "a/d\\303\\274 \\"q\\".py" "b/d\\303\\274 \\"q\\".py"
new file mode 100644
--- /dev/null
+++ "b/d\\303\\274 \\"q\\".py"\t
@@ -0,0 +1,2 @@
+1
+2
"""


def finding(path: str, line: int | None = None, end: int | None = None) -> Finding:
    place = Location(path, line, None, end)
    return Finding(rule="r", severity=Severity.LOW, message="m", locations=(place,))


def lines_of(patch: bytes) -> dict[str, Lines]:
    return dict(changed_lines(patch.split(b"\n")))


def test_a_patch_gives_the_lines_that_are_new_in_each_file() -> None:
    assert lines_of(PATCH) == {"a.py": [(2, 2), (7, 9)], 'dü "q".py': [(1, 2)]}


@given(st.lists(st.sampled_from(PATCH.splitlines()), max_size=30))
def test_lines_of_patches_in_any_order_are_read(lines: list[bytes]) -> None:
    for _, ranges in changed_lines(lines):
        assert all(first <= last for first, last in ranges)


@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    list(changed_lines(data.split(b"\n")))


def test_a_finding_is_shown_where_its_lines_meet_a_change() -> None:
    changed = Changed(ref="main", lines={"a.py": [(3, 4), (9, 9)], "new.py": None})
    shown = [
        (finding("a.py", 4), True),
        (finding("./a.py", 4), True),
        (finding("a.py", 5), False),
        (finding("a.py", 5, 9), True),
        (finding("a.py", 5, 8), False),
        (finding("a.py", 9, 2), True),
        (finding("a.py"), True),
        (finding("b.py", 4), False),
        (finding("b.py"), False),
        (finding("new.py", 400), True),
        (Finding(rule="r", severity=Severity.LOW, message="m"), False),
    ]
    assert [changed.has(one) for one, _ in shown] == [there for _, there in shown]
