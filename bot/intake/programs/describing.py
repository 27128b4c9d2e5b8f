"""How programs hand articles in, described: as OpenAPI 3.1, and as a page for people made from that. Pure."""

import re
from collections.abc import Iterable
from html import escape
from typing import Any

from pydantic.json_schema import models_json_schema

from bot.intake.programs.posted import MOST_ARTICLES, Correction, Posted
from bot.intake.programs.posting import MOST_PREVIEWS, Became

Json = dict[str, Any]

_OVERVIEW = f"""\
Whoever publishes says the key: `Authorization: Bearer KEY`.

What makes two articles one is, within a source, their `id`, else their `link`, else title and day. The same article
again is `known` and changes nothing; with another title, text, summary or link it is a correction, and messages of the
last 48 hours are edited. So whatever got no answer can simply be sent again. What a feed has brought to the source
under the same link is the same article, too, unless an `id` says otherwise.

Of a source that has no article yet, all is taken, and what was published in the last 24 hours is announced; of any
other, everything.

A call takes {MOST_ARTICLES:,} articles and 10 MB at most. Times are read in many forms; one without a zone is in the
source's. Null counts as absent, and fields that are not listed are passed over.
"""
_POST = f"""\
One article, a list of them, `{{"articles": [...]}}`, or JSON Lines (`application/x-ndjson`). Each is taken or refused
by itself: the answer is 200 when none was refused, else 400, and says of each what became of it and why. Those that
were not refused are taken all the same.

`publish_at` holds an article until then: it is neither found nor announced before. What is said last counts: posted
again with another moment it is held until that; without one it is published at once.

`preview_to` shows an article to one chat as it would be pushed there, {MOST_PREVIEWS} in a call at most. Nothing is
stored, and nobody else sees it.
"""
_PATCH = """\
The fields that are to be otherwise; what is left out stays, and nothing can be emptied. Another image, other topics,
authors, language or urgency alone are no correction; they are taken along with one. Works on what is held, too, which
may be given another `publish_at`.

What a feed has brought is the feed's: the next time that it says otherwise, that counts.
"""
_DELETE = """\
Withdraws it: nobody finds, opens or is sent it any more, and messages of the last 48 hours say so. What is held is
never published. A new version, posted, brings it back.
"""
_BECAME = {
    Became.NEW: "it is in the store, and is announced",
    Became.FULL: "its headline was known; now it has a text",
    Became.CHANGED: "it was known, and is corrected",
    Became.KNOWN: "it says nothing new",
    Became.HELD: "it is published at `publish_at`",
    Became.PREVIEWED: "it was shown to one chat",
    Became.WITHDRAWN: "nobody is shown it any more",
    Became.REFUSED: "`reason` says why",
}
_ARTICLE = {"source": "Radio Gorvane", "id": "42", "title": "The ferry is back"}
_TAKEN = {
    "counts": {"new": 1},
    "articles": [
        {
            "index": 0,
            "status": "new",
            "source": "radio-gorvane",
            "key": "id:42",
            "path": "/articles/radio-gorvane/id%3A42",
            "id": 12,
        }
    ],
}
_FIRST = ("source", "id", "title", "body", "summary", "link", "published", "publish_at")
_CURL = 'curl -H "Authorization: Bearer $NEWSCRIER_INTAKE_KEY"'
_ONE = "http://127.0.0.1:8080/articles/radio-gorvane/id%3A42"
_CALLS = {
    "post": f"""{_CURL} http://127.0.0.1:8080/articles -d \\
  '{{"source": "Radio Gorvane", "id": "42", "title": "The ferry is back"}}'""",
    "patch": f"""{_CURL} \\
  {_ONE} -X PATCH -d '{{"title": "The ferry sails"}}'""",
    "delete": f"""{_CURL} \\
  {_ONE} -X DELETE""",
}


def describe(version: str) -> Json:
    """The description, as OpenAPI 3.1. `version`: ours."""
    _, schemas = models_json_schema(
        [(Posted, "validation"), (Correction, "validation")], ref_template="#/components/schemas/{model}"
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Newscrier: publishing", "version": version, "description": _OVERVIEW},
        "paths": {
            "/articles": {"post": _post()},
            "/articles/{source}/{key}": {"parameters": _place(), "patch": _patch(), "delete": _delete()},
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                **{name: _tidied(schema) for name, schema in schemas["$defs"].items()},
                "Outcome": _outcome(),
                "Outcomes": _outcomes(),
                "Error": _error(),
            },
        },
        "security": [{"key": []}],
    }


def _post() -> Json:
    one = {"$ref": "#/components/schemas/Posted"}
    many = {"type": "array", "items": one, "maxItems": MOST_ARTICLES}
    wrapped = {"type": "object", "properties": {"articles": many}, "required": ["articles"]}
    content = {
        "application/json": {"schema": {"anyOf": [one, many, wrapped]}, "example": _ARTICLE},
        "application/x-ndjson": {"schema": one},
    }
    for_all = [
        _parameter("source", "query", "The source of articles that name none.", {"type": "string"}),
        _parameter("preview_to", "query", "The chat to which all are shown.", {"type": "integer"}),
    ]
    return {
        "summary": "Publish articles",
        "description": _POST,
        "parameters": for_all,
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": _answers("None was refused.", "Outcomes", _TAKEN),
            "400": _said(
                "Some were refused, or nothing could be read.",
                {"anyOf": [{"$ref": "#/components/schemas/Outcomes"}, {"$ref": "#/components/schemas/Error"}]},
            ),
            **_faults("401", "408", "413", "415", "503"),
        },
    }


def _patch() -> Json:
    return {
        "summary": "Correct an article",
        "description": _PATCH,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Correction"}}},
        },
        "responses": {
            "200": _answers("What became of it.", "Outcome"),
            **_faults("400", "401", "404", "408", "413", "415", "503"),
        },
    }


def _delete() -> Json:
    return {
        "summary": "Withdraw an article",
        "description": _DELETE,
        "responses": {"200": _answers("It is withdrawn, or was already.", "Outcome"), **_faults("401", "404", "503")},
    }


def _place() -> list[Json]:
    return [
        _parameter("source", "path", "The source's name, as the answer gives it.", {"type": "string"}),
        _parameter(
            "key",
            "path",
            "The article's key, percent-encoded: `id:` and its id, `link:` and its link, or as the answer gives it. "
            "`path` in the answer is the whole address.",
            {"type": "string"},
        ),
    ]


def _parameter(name: str, where: str, meaning: str, schema: Json) -> Json:
    return {"name": name, "in": where, "required": where == "path", "description": meaning, "schema": schema}


_FAULTS = {
    "400": "It cannot be read, or cannot be so.",
    "401": "The key is missing or wrong.",
    "404": "There is no such article.",
    "408": "The request did not come in time.",
    "413": "Too many articles, or too much of them.",
    "415": "Neither JSON nor JSON Lines in UTF-8.",
    "503": "Not now: the store fails, or the disk is nearly full. `Retry-After` says when to try again.",
}


def _faults(*statuses: str) -> Json:
    return {status: _answers(_FAULTS[status], "Error") for status in statuses}


def _answers(meaning: str, schema: str, example: Json | None = None) -> Json:
    return _said(meaning, {"$ref": f"#/components/schemas/{schema}"}, example)


def _said(meaning: str, schema: Json, example: Json | None = None) -> Json:
    content: Json = {"schema": schema}
    if example:
        content["example"] = example
    return {"description": meaning, "content": {"application/json": content}}


def _outcome() -> Json:
    meanings = "; ".join(f"`{became.value}`: {meaning}" for became, meaning in _BECAME.items())
    return {
        "type": "object",
        "description": "What became of an article. What there is nothing of is left out.",
        "required": ["status"],
        "additionalProperties": False,
        "properties": {
            "index": {"type": "integer", "minimum": 0, "description": "Which one of the call, from 0."},
            "status": {"enum": [became.value for became in Became], "description": meanings},
            "source": {"type": "string", "description": "The source's name, as people type it after `source:`."},
            "key": {"type": "string", "description": "By which it is known within its source."},
            "path": {"type": "string", "description": "Where it is corrected and withdrawn."},
            "id": {"type": "integer", "minimum": 1, "description": "Its number, as in /article_12."},
            "publish_at": {"type": "string", "format": "date-time", "description": "When it is published."},
            "reason": {"type": "string", "description": "Why it was refused, or what is worth knowing."},
        },
    }


def _outcomes() -> Json:
    count = {"type": "integer", "minimum": 1}
    return {
        "type": "object",
        "required": ["counts", "articles"],
        "additionalProperties": False,
        "properties": {
            "counts": {
                "type": "object",
                "description": "How many articles had which status.",
                "additionalProperties": False,
                "properties": {became.value: count for became in Became},
            },
            "articles": {
                "type": "array",
                "description": "Each of them, in their order.",
                "items": {"$ref": "#/components/schemas/Outcome"},
            },
        },
    }


def _error() -> Json:
    return {
        "type": "object",
        "required": ["error"],
        "additionalProperties": False,
        "properties": {"error": {"type": "string", "description": "What is wrong, in words."}},
    }


def _tidied(schema: Json) -> Json:
    """A model's schema without the names of its fields in capitals, the usual fields first."""
    fields = schema["properties"]
    order = sorted(fields, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))
    without = {name: {what: said for what, said in fields[name].items() if what != "title"} for name in order}
    return {what: said for what, said in schema.items() if what != "title"} | {"properties": without}


_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }}
pre {{ padding: .75rem 1rem; overflow-x: auto; background: #8881; border-radius: .4rem; }}
code, pre {{ font: 14px/1.45 ui-monospace, monospace; }}
table {{ border-collapse: collapse; width: 100%; }}
td {{ padding: .3rem .8rem .3rem 0; vertical-align: top; border-top: 1px solid #8884; }}
h2 {{ margin-top: 2.5rem; }}
</style>
<h1>{title}</h1>
{overview}
{operations}
<p>The same for programs: <a href="openapi.json">openapi.json</a></p>
</html>
"""


def page(described: Json) -> str:
    """The description for people: one page that needs nothing else."""
    schemas = described["components"]["schemas"]
    operations = [
        _operation(method, path, operation | {"parameters": _parameters(methods, operation)}, schemas)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if method in _CALLS
    ]
    info = described["info"]
    return _PAGE.format(
        title=escape(info["title"]),
        overview=_paragraphs(info["description"]),
        operations="\n".join(operations),
    )


def _parameters(methods: Json, operation: Json) -> list[Json]:
    return [*methods.get("parameters", []), *operation.get("parameters", [])]


def _operation(method: str, path: str, operation: Json, schemas: Json) -> str:
    parts = [
        f"<h2>{escape(operation['summary'])}</h2>",
        f"<p><code>{method.upper()} {escape(path)}</code></p>",
        _paragraphs(operation["description"]),
        f"<pre>{escape(_CALLS[method])}</pre>",
    ]
    parts += ["<h3>In the address</h3>", _table((one["name"], one["description"]) for one in operation["parameters"])]
    if method != "delete":
        schema = schemas["Posted" if method == "post" else "Correction"]
        parts += ["<h3>Fields (* must be there)</h3>", _fields(schema)]
    if method == "post":
        parts += ["<h3>In the answer</h3>", _fields(schemas["Outcome"])]
    answers = [(status, answer["description"]) for status, answer in operation["responses"].items()]
    return "\n".join([*parts, "<h3>Answers</h3>", _table(answers)])


def _fields(schema: Json) -> str:
    required = schema.get("required", [])
    return _table(
        (f"{name} *" if name in required else name, field.get("description", ""))
        for name, field in schema["properties"].items()
    )


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = (f"<tr><td><code>{escape(name)}</code><td>{_marked(meaning)}" for name, meaning in rows)
    return "\n".join(["<table>", *cells, "</table>"])


def _paragraphs(text: str) -> str:
    return "\n".join(f"<p>{_marked(paragraph)}" for paragraph in text.strip().split("\n\n"))


def _marked(text: str) -> str:
    """What stands between ` signs is code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
