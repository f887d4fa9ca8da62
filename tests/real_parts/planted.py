"""A small project with planted defects, for scanners: paths with a space and an umlaut among them.

It is written out when it is needed, so that no tool of ours takes the defects for its own, and the
secrets are put together here, so that nobody takes them for real ones.
"""

from pathlib import Path

FAKE_TOKEN = "glpat-" + "FakeFake0000FakeFake"
"""In the form of a GitLab token; nobody has ever given it out."""

FAKE_PASSWORD = "not-a-real-" + "password"

FILES = {
    "app/shop.py": f"""\
import hashlib
import pickle
import subprocess

password = "{FAKE_PASSWORD}"


def price(formula):
    return eval(formula)


def run(command):
    subprocess.call(command, shell=True)


def cart(data, quick=[]):
    return pickle.loads(data), hashlib.md5(data).hexdigest(), quick


def accepted(formula):
    return eval(formula)  # nosec B307  # noqa: S307  # nosemgrep


def ignored():
    try:
        return cart(b"")
    except Exception:
        pass
""",
    "app/mit leerzeichen/größe.py": """\
def volume(formula):
    label = "\N{PACKAGE}\N{PACKAGE}"; return eval(formula), label
""",
    "app/broken.py": "def unfinished(:\n    return eval('1')\n",
    "web/mit leerzeichen/größe.js": """\
export function price(formula) {
  const label = "\N{PACKAGE}\N{PACKAGE}"; return [eval(formula), label];
}

export function accepted(formula) {
  return eval(formula); // eslint-disable-line no-eval -- formulas are ours
}
""",
    "web/clean.js": "export const answer = 42;\n",
    "infra/vorlage größe.yaml": """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Unused:
    Type: String
Resources:
  Open:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: PublicRead
  Second:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: PublicRead
      Colour: red
""",
    "Dockerfile": """\
FROM debian
RUN cd /tmp && apt-get update
ADD . /app
""",
    ".github/workflows/ci.yml": """\
name: ci
on: pull_request_target
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: echo ${{ github.event.pull_request.title }}
""",
    "deploy/settings größe.env": f"GRÖSSE=1; GITLAB_TOKEN={FAKE_TOKEN}\n",
    "rules/semgrep.yml": """\
rules:
  - id: no-eval
    languages: [python]
    severity: ERROR
    message: eval runs whatever it is given.
    pattern: eval(...)
    metadata:
      cwe: "CWE-95: Improper Neutralization of Directives in Dynamically Evaluated Code"
  - id: no-md5
    languages: [python]
    severity: WARNING
    message: MD5 is broken.
    pattern: hashlib.md5(...)
""",
    "eslint.config.mjs": """\
import security from "eslint-plugin-security";

export default [
  {
    files: ["web/**/*.js"],
    plugins: { security },
    rules: { "no-eval": "error", "security/detect-eval-with-expression": "warn" },
  },
];
""",
}


def plant(folder: Path) -> Path:
    """Write the project below ``folder``, and give that."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
