"""Where the schema declares an entity type or action."""

from functools import cached_property

from buildsteps.errors import BuildstepsError
from buildsteps.results import Location
from buildsteps.source import SourceText
from buildsteps.steps.cedar.linting.subject import Subject
from buildsteps.steps.cedar.schemas.expansion import Declared, Size
from buildsteps.steps.cedar.schemas.grammar import Declarations
from buildsteps.steps.cedar.schemas.written import declarations_of, offset_of


class SchemaPlaces:
    """Reads the schema's text when the first place is asked for."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def of(self, kind: str, name: str) -> tuple[Location, str]:
        """The place of ``entity`` or ``action`` of that name, and its line with a caret."""
        source = self._source
        found = self._declarations
        if source is None or found is None:
            return Location(path=self._subject.inputs.schema_path or ""), ""
        start = offset_of(source, found, Declared(kind, name, Size(0, 0)))
        return source.location(start), source.excerpt(start)

    @cached_property
    def _source(self) -> SourceText | None:
        path = self._subject.inputs.store.schema
        try:
            text = self._subject.world.files.read_text(path) if path else None
        except BuildstepsError:
            return None
        return (
            SourceText(self._subject.inputs.schema_path or "", text) if text is not None else None
        )

    @cached_property
    def _declarations(self) -> Declarations | None:
        return declarations_of(self._source.text) if self._source else None
