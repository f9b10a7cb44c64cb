"""The files of a process folder to a definition that runs, or every reason why it does not."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from engine.definition.expressions import FeelCompiler
from engine.definition.feel import Expression
from engine.definition.forms import Form, parse_form
from engine.definition.model import ProcessModel
from engine.definition.reader import read_bpmn
from engine.definition.rulebook import problem
from engine.definition.specs import ProcessSpec, build_spec
from engine.definition.validator import examine
from engine.definition.variables import Variable, result_declarations
from engine.errors import DefinitionRejected, Problem
from engine.values import canonical_bytes

BPMN_SUFFIX: Final = ".bpmn"
FORM_SUFFIX: Final = ".form"


@dataclass(frozen=True)
class ExecutableDefinition:
    """A process definition that was found to run right, with everything that running it needs."""

    key: str
    name: str
    model: ProcessModel
    forms: Mapping[str, Form]  # by form id
    bpmn: bytes  # as deployed, for drawing
    files_hash: str  # SHA-256 in hexadecimal over the deployed files
    variables: Mapping[str, Variable]  # every declared variable by name
    expressions: Mapping[str, Expression]  # every FEEL expression of the model, by its text with the `=`
    personal: frozenset[str]  # names of the variables that hold personal data
    notes: tuple[Problem, ...] = field(default=())  # what is worth knowing although it runs

    @property
    def hash(self) -> str:
        """The name of this content: `files_hash`."""
        return self.files_hash

    @cached_property
    def spec(self) -> ProcessSpec:
        """What SpiffWorkflow executes; made once and never changed."""
        return build_spec(self.model)

    def job_results(self, element_id: str) -> frozenset[str]:
        """The variables that a job task may give."""
        return frozenset(item.name for item in result_declarations(self.model.nodes[element_id]))


def load_definition(
    files: Mapping[str, bytes],
    *,
    feel: FeelCompiler,
    job_types: Collection[str],
    calendars: Collection[str],
    expected_key: str | None = None,
) -> ExecutableDefinition:
    """The definition in a folder's files: one `.bpmn` and any number of `.form`, by path; other files are left alone.

    `job_types` and `calendars` are the names that the office knows, `expected_key` the name of the folder, where it
    has one.  Raises DefinitionRejected with every problem of every file.
    """
    own = {path: data for path, data in files.items() if path.lower().endswith((BPMN_SUFFIX, FORM_SUFFIX))}
    forms, found = _read_forms(own)
    bpmn_paths = sorted(path for path in own if path.lower().endswith(BPMN_SUFFIX))
    if len(bpmn_paths) != 1:
        found.append(problem("bpmn_file_count", "", "", count=len(bpmn_paths), paths=", ".join(bpmn_paths) or "–"))
        raise DefinitionRejected(found)
    path = bpmn_paths[0]
    result = read_bpmn(own[path])
    found += [replace(item, file=path) for item in (*result.problems, *result.notes)]
    if not result.models:
        raise DefinitionRejected(_errors(found))
    model = next(iter(result.models.values()))
    if expected_key is not None and model.key != expected_key:
        found.append(
            replace(
                problem("process_key_mismatch", model.key, model.name, found=model.key, expected=expected_key),
                file=path,
            )
        )
    case = examine(model, forms, feel, job_types=job_types, calendars=calendars, stand_ins=result.stand_ins)
    found += [replace(item, file=item.file or path) for item in case.problems]
    if _errors(found):
        raise DefinitionRejected(_errors(found))
    return ExecutableDefinition(
        key=model.key,
        name=model.name,
        model=model,
        forms=forms,
        bpmn=own[path],
        files_hash=files_hash(own),
        variables=case.variables,
        expressions=case.expressions,
        personal=frozenset(name for name, variable in case.variables.items() if variable.personal),
        notes=tuple(found),
    )


def files_hash(files: Mapping[str, bytes]) -> str:
    """One SHA-256, in hexadecimal, over the canonical JSON of the sorted pairs (path, SHA-256 of the bytes)."""
    pairs = [[path, hashlib.sha256(data).hexdigest()] for path, data in sorted(files.items())]
    return hashlib.sha256(canonical_bytes(pairs)).hexdigest()


def _read_forms(files: Mapping[str, bytes]) -> tuple[dict[str, Form], list[Problem]]:
    forms: dict[str, Form] = {}
    found: list[Problem] = []
    for path in sorted(path for path in files if path.lower().endswith(FORM_SUFFIX)):
        try:
            form = parse_form(files[path], name=path)
        except DefinitionRejected as rejected:
            found += rejected.problems
            continue
        if form.id in forms:
            found.append(replace(problem("form_id_taken", form.id, "", form=form.id), file=path))
        forms.setdefault(form.id, form)
    return forms, found


def _errors(found: Collection[Problem]) -> list[Problem]:
    return [item for item in found if item.severity == "error"]
