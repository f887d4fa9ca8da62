"""Results of runs as they happen, and some that a hostile repository would like to happen."""

from msgspec.structs import replace

from buildsteps.results import (
    Case,
    Cause,
    Finding,
    Location,
    Outcome,
    Report,
    RunResult,
    Severity,
    Table,
    Verdict,
    VerdictOutcome,
)

CEDAR = {"engine": {"name": "cedar", "version": "4.5.0"}, "policies": 3, "inputs": ["policies/"]}

ALL_PASSED = RunResult(
    command="cedar-validate",
    report=Report(
        cases=(
            Case(
                name="policies/photo.cedar",
                group="schema",
                outcome=Outcome.PASSED,
                seconds=0.0124,
                locations=(Location("policies/photo.cedar"),),
            ),
            Case(name="Jane views sunset", group="tests", outcome=Outcome.PASSED, seconds=0.0031),
            Case(
                name="John edits sunset",
                group="tests",
                outcome=Outcome.SKIPPED,
                message="the filter leaves it out",
            ),
        ),
        facts=CEDAR,
        notes=("3 policies and 2 tests found in policies/",),
        tables=(
            Table(
                title="Coverage",
                columns=("policy", "decided"),
                rows=(("photo-owner", "2"), ("admins | all", "0")),
            ),
        ),
    ),
    verdict=Verdict(outcome=VerdictOutcome.PASSED, exit_code=0),
)

STOPPED = RunResult(
    command="cedar-validate",
    report=Report(
        cases=(
            Case(name="policies/ok.cedar", group="schema", outcome=Outcome.PASSED, seconds=0.25),
            Case(
                name="policies/Straße 1.cedar",
                group="schema",
                outcome=Outcome.ERROR,
                cause=Cause.SUBJECT,
                kind="parse-error",
                message="unexpected token `}`",
                detail="  permit (principal, action }\n                            ^\n```\n",
                seconds=1.5,
                locations=(Location("policies/Straße 1.cedar", 7, 29, 7, 30),),
            ),
            Case(
                name="\x1b[2J<script>alert('@octocat')</script> | \u202egnp.exe\n::error::x #1",
                group="tests & more",
                outcome=Outcome.FAILED,
                message="expected DENY, got ALLOW: 100% wrong, see \x00 and \udcff",
                detail="determining policies:\n  ]]> policy0 \ufffe\n\x1b[31mred\x1b[0m\ttab",
                seconds=0.0005,
                locations=(Location("tests/a b#c?.json", 3), Location("policies/ok.cedar", 1, 1)),
            ),
            Case(
                name="broad-action policies/ok.cedar:2",
                group="lint",
                outcome=Outcome.FAILED,
                kind="finding",
                message="any action is permitted",
                locations=(Location("policies/ok.cedar", 2, 1, 4, 3),),
            ),
        ),
        findings=(
            Finding(
                rule="broad-action",
                severity=Severity.MEDIUM,
                message="any action is permitted",
                locations=(Location("policies/ok.cedar", 2, 1, 4, 3),),
                help="https://docs.cedarpolicy.com/best practices?a=1&b=é",
                fix="name the actions",
                fingerprint="5d41402abc4b2a76",
            ),
            Finding(
                rule="unused|entity",
                severity=Severity.LOW,
                message='`Photo::"x"` is *never* used by $a or $b',
                locations=(Location("/abs/entities ü.json", 12),),
                help="Remove it, or use it.",
                fingerprint="7d793037a0760186",
            ),
            Finding(
                rule="broad-principal",
                severity=Severity.CRITICAL,
                message="everyone may delete",
                accepted="a sandbox, until 2027-01-01 (@security)",
            ),
        ),
        facts=CEDAR,
        notes=("- 2 policies", "# not a heading"),
    ),
    verdict=Verdict(
        outcome=VerdictOutcome.STOPPED,
        exit_code=1,
        reasons=("2 cases failed", "1 case could not be judged"),
    ),
)

NOTHING_JUDGED = RunResult(
    command="verify",
    report=Report(),
    verdict=Verdict(
        outcome=VerdictOutcome.WRONG_CALL,
        exit_code=2,
        reasons=("nothing was judged (--allow-empty accepts it)",),
    ),
)

WORLD_FAILED = RunResult(
    command="drift",
    report=Report(
        cases=(
            Case(
                name="stack payments",
                group="eu-central-1",
                outcome=Outcome.ERROR,
                cause=Cause.WORLD,
                message="CloudFormation did not answer within 60 s",
                detail="ReadTimeoutError: https://cloudformation.eu-central-1.amazonaws.com/",
                seconds=60.0,
            ),
        ),
        facts={"account": "123456789012", "region": "eu-central-1", "partial": True},
    ),
    verdict=Verdict(
        outcome=VerdictOutcome.WORLD_FAILED,
        exit_code=3,
        reasons=("1 case could not be judged because the world failed",),
    ),
)

_SHELL = Finding(
    rule="B602",
    title="subprocess_popen_with_shell_equals_true",
    severity=Severity.HIGH,
    message="subprocess call with shell=True identified, security issue.",
    locations=(Location("src/app.py", 8, 5, 11, 6),),
    snippet=(
        "  8 |     subprocess.call(\n    |     ^^^^^^^^^^^^^^^^\n"
        "  9 |         command,\n 10 |         shell=True,\n 11 |     )"
    ),
    help="https://bandit.readthedocs.io/en/1.9.4/plugins/b602.html",
    fingerprint="0b9c2d5e11aa47f0",
    aliases=("S602",),
    engines=("bandit", "ruff"),
    cwes=(78,),
)
_SECRET = Finding(
    rule="B105",
    severity=Severity.CRITICAL,
    message="Possible hardcoded password: '****'",
    locations=(Location("src/app.py", 3, 12, 3, 27),),
    snippet="  3 | PASSWORD = ****",
    fix="Read it from AWS Secrets Manager.",
    fingerprint="77aa01c35dd9e001",
    engines=("bandit",),
    cwes=(259, 798),
)
_MILD = Finding(
    rule="B403",
    severity=Severity.LOW,
    message="Consider possible security implications associated with pickle module.",
    locations=(Location("src/a folder/déjà vu.py", 1, 1),),
    snippet="  1 | import pickle\n    | ^^^^^^^^^^^^^",
    fingerprint="5a5a5a5a00000001",
    engines=("bandit",),
    cwes=(502,),
)

SCANNED = RunResult(
    command="scan",
    report=Report(
        cases=(
            Case(name="src/clean.py", group="bandit, ruff", outcome=Outcome.PASSED),
            Case(
                name="src/app.py",
                group="bandit, ruff",
                outcome=Outcome.FAILED,
                kind="finding",
                message="2 findings: B105 line 3, B602 line 8",
                detail="src/app.py:3:12: critical B105: Possible hardcoded password: '****'",
                locations=(*_SECRET.locations, *_SHELL.locations),
                findings=(_SECRET.fingerprint, _SHELL.fingerprint),
            ),
        ),
        findings=(
            _MILD,
            _SHELL,
            _SECRET,
            replace(_SHELL, fingerprint="00ff00ff00ff00ff", known=True),
            replace(
                _SHELL, fingerprint="11ff00ff00ff00ff", accepted="the command is a constant (@web)"
            ),
            Finding(
                rule="CVE-2024-3094",
                severity=Severity.MEDIUM,
                message="xz-utils 5.6.1 has malicious code in its upstream tarballs",
                locations=(Location("shop/api"),),
                fingerprint="9e9e00ff00ff00ff",
                engines=("ecr",),
            ),
        ),
        facts={
            "engines": [{"name": "bandit", "version": "1.9.4"}],
            "baseline": {"known": 1, "fixed": 3},
        },
        notes=("bandit 1.9.4: 2 files, 5 findings", "ecr: shop/api, 1 finding"),
    ),
    verdict=Verdict(outcome=VerdictOutcome.STOPPED, exit_code=1, reasons=("1 case failed",)),
)

SAMPLES = {
    "scanned": SCANNED,
    "all-passed": ALL_PASSED,
    "stopped": STOPPED,
    "nothing-judged": NOTHING_JUDGED,
    "world-failed": WORLD_FAILED,
}
