"""Which repository findings are of: its address without secrets, its provider, its project."""

import re
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from buildsteps.errors import UsageError, WorldError
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.world import World

LONGEST = 512
"""Characters of an address; what we make of it must fit into fields of that length."""

_SCP = re.compile(r"(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9][\w.-]+):(?P<path>[^\s]+)")
_CODECOMMIT = re.compile(r"codecommit(?:::(?P<region>[\w-]+))?://(?:[^@/]*@)?(?P<name>[\w.-]+)/?")
_AWS_HOST = re.compile(r"git-codecommit(?:-fips)?\.([\w-]+)\.amazonaws\.com(?:\.cn)?")
_FETCHED = ("http://", "https://", "ssh://", "git://", "git@", "codecommit:")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PROVIDERS = {
    "github": "GITHUB",
    "gitlab": "GITLAB",
    "bitbucket": "BITBUCKET",
    "codecommit": "CODECOMMIT",
}


class Repository(Struct, frozen=True):
    """``address`` tells it from all others; ``provider`` is empty where its host does not say."""

    address: str
    project: str
    provider: str = ""


def repository_of(options: ScanOptions, world: World) -> Repository:
    """The repository that a call names, else the build's environment, else git.

    Raises:
        UsageError: nobody names it, or no name can be made of what is given.
    """
    given = options.repository or _of_build(world) or _origin(world)
    if not given:
        raise UsageError(
            "--security-hub needs to know which repository the findings are of: there is no "
            "remote `origin` here, so give --repository ADDRESS"
        )
    found = parsed(given)
    if found is None or len(found.address) > LONGEST:
        where = "--repository" if options.repository else "what the build or git's `origin` says"
        raise UsageError(f"{where} is no address or name of a repository")  # it may hold a token
    return found


def parsed(address: str) -> Repository | None:
    """The repository at an address as git takes it, or of a plain name; None where it is none.

    User, password, query and fragment go: tokens stand in all of them. The same repository has
    the same address whether it is fetched by https or ssh.
    """
    text = address.strip()
    if not text or not text.isprintable() or "\\" in text:
        return None
    if found := _CODECOMMIT.fullmatch(text):
        return _codecommit(found["name"], found["region"] or "")
    try:
        parts = urlsplit(text)
        if parts.scheme and parts.netloc:
            return _hosted(parts)
    except ValueError:  # such as a port that is no number
        return None
    if parts.scheme != "file" and (found := _SCP.fullmatch(text)):
        return _named(found["host"].lower(), found["path"])
    return _local(parts.path)


def _hosted(parts: SplitResult) -> Repository | None:
    host = (parts.hostname or "").lower()
    if parts.scheme == "file" or not host:
        return _local(parts.path)
    if (aws := _AWS_HOST.fullmatch(host)) and parts.path.startswith("/v1/repos/"):
        return _codecommit(_trimmed(parts.path.removeprefix("/v1/repos/")), aws[1])
    own = _DEFAULT_PORTS.get(parts.scheme)
    if own is not None and parts.port not in (None, own):
        host = f"{host}:{parts.port}"
    return _named(host, parts.path)


def _named(host: str, path: str) -> Repository | None:
    project = _trimmed(path.partition("?")[0].partition("#")[0])
    if not project:
        return None
    words = host.partition(":")[0].split(".")
    provider = next((_PROVIDERS[word] for word in words if word in _PROVIDERS), "")
    return Repository(f"https://{host}/{project}", project, provider)


def _codecommit(name: str, region: str) -> Repository | None:
    where = f"::{region}" if region else ""
    return Repository(f"codecommit{where}://{name}", name, "CODECOMMIT") if name else None


def _local(path: str) -> Repository | None:
    """Of a repository on this machine its name: folders say nothing to others."""
    name = _trimmed(path).rpartition("/")[2] if path.startswith(("/", ".")) else _trimmed(path)
    return Repository(name, name) if name.strip(".") else None


def _trimmed(path: str) -> str:
    return path.strip("/").removesuffix(".git").strip("/")


def _of_build(world: World) -> str:
    """The address that a build knows; CodePipeline's is that of an archive, another each time."""
    environ = world.environ
    address = environ.get("CODEBUILD_SOURCE_REPO_URL", "")
    if address.startswith(_FETCHED):
        return address
    if project := environ.get("GITHUB_REPOSITORY", ""):
        return f"{environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{project}"
    return environ.get("CI_PROJECT_URL", "")


def _origin(world: World) -> str:
    command = ["git", "config", "--get", "remote.origin.url"]
    try:
        answer = world.processes.run(command, cwd=world.cwd)
    except WorldError:
        return ""
    return answer.stdout.decode(errors="replace").strip() if answer.status == 0 else ""
