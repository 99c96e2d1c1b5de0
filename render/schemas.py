"""JSON Schemas of what people write, made from the models, so that an editor completes and checks it."""

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from render.changenotes import ChangeNotesModel
from render.chapters import ChapterModel, IndexModel
from render.notes import NotesModel

_MODELS: Mapping[str, type[BaseModel]] = {
    "changes.json": ChangeNotesModel,
    "chapters.json": ChapterModel,
    "index.json": IndexModel,
    "notes.json": NotesModel,
}


def make_schemas() -> Mapping[str, str]:
    """The text of every schema by the name of its file."""
    return {name: json.dumps(_schema(model), indent=2) + "\n" for name, model in _MODELS.items()}


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write every schema below `folder`; gives the files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in make_schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
    return tuple(folder / name for name in _MODELS)


def find_stale(folder: Path) -> tuple[Path, ...]:
    """The schemas that no longer say what the models say, or are missing."""
    return tuple(
        folder / name
        for name, text in make_schemas().items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    )


class _Generator(GenerateJsonSchema):
    """Leaves out null and the defaults: a key is absent, or it has a value; `more:` with nothing behind it has none."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def _schema(model: type[BaseModel]) -> dict[str, object]:
    schema = model.model_json_schema(schema_generator=_Generator)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
