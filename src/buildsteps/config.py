"""Where every value comes from: flags, environment, ``buildsteps.yaml``, defaults."""

import math
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.acceptances import Acceptance
from buildsteps.errors import UsageError, raise_together
from buildsteps.nearest import suggestion
from buildsteps.options import (
    CommonOptions,
    OptionField,
    OptionInfo,
    command_key,
    declared_infos,
    environment_prefix,
    fields_of,
)
from buildsteps.world.files import Files, shown_path
from buildsteps.world.git import repository_root

FILE_NAME = "buildsteps.yaml"
STDIN = "-"
"""What stands for standard input where a path is asked for."""

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


_STRENGTH = ("flag", "environment", "file", "default")


class Source(Struct, frozen=True):
    """Where a value came from: ``flag``, ``environment``, ``file`` or ``default``, and which."""

    kind: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.detail}".rstrip()

    def is_stronger_than(self, other: "Source") -> bool:
        """Whether this one decides where both say something."""
        return _STRENGTH.index(self.kind) < _STRENGTH.index(other.kind)


class Resolved(Struct, frozen=True):
    """The effective options of a command, and the source of each."""

    options: Any
    sources: dict[str, Source]


class ConfigFile(Struct, frozen=True):
    """A configuration file that was read; ``root`` is None when it holds nothing.

    ``prefix`` goes before a path relative to the working folder to make it relative to the file.
    """

    path: Path
    shown: str
    root: Any  # yaml_document.Node | None; YAML is imported only where a file is there
    prefix: str = ""

    def find(self, key: tuple[str, ...]) -> Any:
        """The node at ``key``, or None where it or a mapping on the way is not there."""
        node = self.root
        for name in key:
            if node is None or not isinstance(node.value, dict):
                return None
            node = node.value.get(name)
        return node


def find_file(cwd: Path, environ: Mapping[str, str]) -> Path | None:
    """The nearest ``buildsteps.yaml`` from ``cwd`` upwards, up to the repository's root.

    Where there is no repository, CodeBuild's source folder is the root, else ``cwd`` itself.
    """
    root = repository_root(cwd)
    if root is None:
        source = environ.get("CODEBUILD_SRC_DIR", "")
        inside = source and (Path(source) == cwd or Path(source) in cwd.parents)
        root = Path(source) if inside else cwd
    for folder in (cwd, *cwd.parents):
        if os.path.lexists(folder / FILE_NAME):  # a broken link is told, not passed over
            return folder / FILE_NAME
        if folder == root:
            break
    return None


def load(path: Path, files: Files) -> ConfigFile:
    """Read and parse a configuration file; its keys are checked by those who use them.

    Raises:
        UsageError: it is missing, unreadable or not YAML; with line and column.
    """
    from buildsteps import yaml_document

    shown = shown_path(path, files.cwd)
    root = yaml_document.parse(files.read_text(path), shown)
    if root is not None and root.value is not None and not isinstance(root.value, dict):
        raise UsageError(f"expected a mapping of sections, found {root.found()}", root.location)
    return ConfigFile(path, shown, root, _prefix(path.parent, files.cwd))


def _prefix(folder: Path, cwd: Path) -> str:
    try:
        way = os.path.relpath(cwd, folder).replace(os.sep, "/")
    except ValueError:  # on another drive
        return ""
    return "" if way == "." else f"{way}/"


def check_sections(file: ConfigFile, known: Collection[str]) -> None:
    """Check the names of the sections; those that begin with ``x-`` are free.

    Raises:
        UsageError: sections that no command has, each with the nearest known name.
    """
    if file.root is None or not isinstance(file.root.value, dict):
        return
    raise_together(
        [
            UsageError(f"unknown section `{name}`.{suggestion(name, known)}", file.root.keys[name])
            for name in file.root.value
            if name not in known and not name.startswith("x-")
        ]
    )


def check_section(
    file: ConfigFile,
    name: str,
    known: Collection[str],
    all_known: Callable[[], Collection[str]] | None = None,
) -> None:
    """Check the keys of one section; ``all_known`` names those of a shared one, when asked.

    Raises:
        UsageError: it is no mapping, or has unknown keys; each with the nearest known one.
    """
    node = file.find((name,))
    if node is None or node.value is None:
        return
    if not isinstance(node.value, dict):
        raise UsageError(f"expected a mapping, found {node.found()}", node.location)
    unknown = [key for key in node.value if key not in known and not key.startswith("x-")]
    if unknown and all_known is not None:
        known = all_known()
        unknown = [key for key in unknown if key not in known]
    raise_together(
        [
            UsageError(f"unknown key `{key}`.{suggestion(key, known)}", node.keys[key])
            for key in unknown
        ]
    )


def place_of(command: str, field: OptionField) -> tuple[str, ...]:
    """Where ``buildsteps.yaml`` holds this option."""
    return field.info.key or (command_key(command), field.key_name)


def variable_of(command: str, name: str) -> str:
    """The environment variable of the option ``name``."""
    return environment_prefix(command) + name.upper()


def resolve(
    command: str,
    declared: type[Struct],
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    file: ConfigFile | None,
) -> Resolved:
    """Find the value of each option: the strongest source wins, and lists are never merged.

    ``flags`` holds what was given on the command line; None means not given.

    Raises:
        UsageError: values that do not fit, or environment variables nobody reads; all of them.
    """
    fields = fields_of(declared)
    mistakes = _nobodys_variables(command, fields, environ)
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    for field in fields:
        try:
            values[field.name], sources[field.name] = _find(command, field, flags, environ, file)
        except UsageError as error:
            mistakes.append(error)
    raise_together(mistakes)
    return Resolved(declared(**values), sources)


def resolve_what_can_be(
    command: str,
    declared: type[CommonOptions],
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    file: ConfigFile | None,
) -> CommonOptions:
    """Find the values as :func:`resolve` does; what is wrong has its default."""
    values: dict[str, Any] = {}
    for field in fields_of(declared):
        with suppress(UsageError):
            values[field.name] = _find(command, field, flags, environ, file)[0]
    return declared(**values)


def _find(
    command: str,
    field: OptionField,
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    file: ConfigFile | None,
) -> tuple[Any, Source]:
    given = flags.get(field.name)
    if given is not None and given != ():
        name = field.name if field.info.argument else f"--{field.flag_name}"
        return _finite(given, name), Source("flag", name)
    variables = (variable_of(command, field.key_name), *field.info.variables)
    for variable in variables if field.in_environment else ():
        if environ.get(variable):
            return _from_text(field, environ[variable], variable), Source("environment", variable)
    if file is not None and field.info.in_file:
        node = file.find(place_of(command, field))
        if node is not None:
            value = _from_file(node, field, file)
            return value, Source("file", f"{file.shown}:{node.location.line}")
    return field.default, Source("default")


def _nobodys_variables(
    command: str, fields: tuple[OptionField, ...], environ: Mapping[str, str]
) -> list[UsageError]:
    """The mistakes of environment variables with the command's prefix that no option reads."""
    prefix = environment_prefix(command)
    known = {variable_of(command, field.key_name) for field in fields if field.in_environment}
    return [
        UsageError(f"no option reads the environment variable {name}.{suggestion(name, known)}")
        for name in sorted(environ)
        if name.startswith(prefix) and name not in known
    ]


def _from_text(field: OptionField, text: str, variable: str) -> Any:
    if field.is_list:
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    word = text.strip().lower()
    if field.is_flag and word in _TRUE | _FALSE:
        return word in _TRUE
    if not field.is_flag:
        with suppress(msgspec.ValidationError):
            return _finite(msgspec.convert(text, field.type, strict=False), variable)
    raise UsageError(f"{variable} must be {_wanted(field)}, not {text!r}")


def _wanted(field: OptionField) -> str:
    from msgspec import inspect

    from buildsteps.typed import expected

    return expected(inspect.type_info(field.type)).removesuffix(" or nothing")


def _finite(value: Any, name: str) -> Any:
    """Refuse what no threshold can be compared with."""
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageError(f"{name} must be a number, not {value}")
    return value


def _from_file(node: Any, field: OptionField, file: ConfigFile) -> Any:
    from buildsteps import typed

    value = typed.convert(node, field.type)
    _check_text(node)
    return _rebase(_placed(value, node, file.prefix), field.info, file.path.parent)


def _placed(value: Any, node: Any, prefix: str) -> Any:
    """Tell each acceptance of a list where it stands."""
    if not isinstance(value, tuple):
        return value
    return tuple(
        one.placed_at(inner.location, prefix) if isinstance(one, Acceptance) else one
        for one, inner in zip(value, node.value, strict=True)
    )


def _check_text(node: Any) -> None:
    """Refuse the character that no path, argument or name of the system may hold."""
    if isinstance(node.value, dict | list):
        for inner in node.value.values() if isinstance(node.value, dict) else node.value:
            _check_text(inner)
    elif isinstance(node.value, str) and "\0" in node.value:
        raise UsageError("text must not hold a NUL character", node.location)


def _rebase(value: Any, info: OptionInfo | None, folder: Path) -> Any:
    """Make the paths in a value of the file relative to the file: absolute ones."""
    if isinstance(value, Struct):
        changed = {
            name: _rebase(getattr(value, name), inner, folder)
            for name, inner in declared_infos(type(value)).items()
        }
        return msgspec.structs.replace(value, **changed)
    if isinstance(value, dict):
        return {key: _rebase(item, info, folder) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_rebase(item, info, folder) for item in value)
    if not isinstance(value, str) or not value or info is None or not info.path:
        return value
    if info.path == "path or address" and value.startswith(("http:", "https:", "s3:")):
        return value
    if info.path != "format=path":
        return _join(folder, value)
    name, equals, path = value.partition("=")
    return f"{name}={_join(folder, path)}" if equals else value


def _join(folder: Path, path: str) -> str:
    return path if path == STDIN else os.path.normpath(folder / path)
