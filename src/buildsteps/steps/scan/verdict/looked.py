"""What a run looked at: only there can a finding of before be known as fixed."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from buildsteps.baseline import Entry
from buildsteps.results import Outcome
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.verdict.tracing import TracePaths


class Looked(Struct, frozen=True, kw_only=True):
    """What the engines of a run looked at, in the paths of traces.

    ``engines`` tells what each engine that came to its end read; None is all there is.
    ``folders`` are those that the run was about. ``failed`` tells that something could not be
    judged, ``nothing`` that no engine read anything.
    """

    engines: Mapping[str, frozenset[str] | None]
    folders: tuple[str, ...]
    failed: bool = False
    nothing: bool = False

    @classmethod
    def of(
        cls, scans: Iterable[Scanned], given: Sequence[str], paths: TracePaths, *, whole: bool
    ) -> "Looked":
        """What the scans looked at, of the paths that were ``given``; of none, the working folder.

        ``whole`` tells that the run was about all of the project: else an engine that does not say
        what it read may have left out anything. Of one that failed nothing is sure.
        """
        read: dict[str, frozenset[str] | None] = {}
        unsure: set[str] = set()
        failed, nothing = False, True
        for scan in scans:
            wrong = any(case.outcome is Outcome.ERROR for case in scan.cases)
            failed = failed or wrong
            nothing = nothing and not scan.sightings and (not scan.read if _says(scan) else wrong)
            if wrong or scan.partial or not (_says(scan) or whole):
                unsure.add(scan.engine)
                continue
            files = None if scan.read is None else frozenset(map(paths.of, scan.read))
            before = read.get(scan.engine, frozenset())
            read[scan.engine] = None if files is None or before is None else before | files
        engines = {name: files for name, files in read.items() if name not in unsure}
        folders = tuple(paths.of(path) for path in given or (".",))
        return cls(engines=engines, folders=folders, failed=failed, nothing=nothing)

    def at(self, entry: Entry, *, gone: bool) -> bool:
        """Whether every engine of the entry looked at its place; ``gone``: its file is no more.

        A file that is gone may have another name now: it counts as looked at where all of its
        folder was.
        """
        return bool(entry.engines) and all(
            self._looked(engine, entry.trace.path, gone=gone) for engine in entry.engines
        )

    def _looked(self, engine: str, path: str, *, gone: bool) -> bool:
        if engine not in self.engines:
            return False
        read = self.engines[engine]
        return read is None or path in read or (gone and self._was_about(path))

    def _was_about(self, path: str) -> bool:
        return any(
            not path.startswith("../") if folder == "." else path.startswith(f"{folder}/")
            for folder in self.folders
        )


def _says(scan: Scanned) -> bool:
    return scan.read is not None
