"""The OpenAPI document as a program would read it."""
import re

import jsonschema

from archive_server import REPOSITORY
from checked_api import PREFIX

METHODS = {"get", "post", "put", "patch", "delete", "options"}


def operations(admin):
    for path, methods in admin.openapi.document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_document_is_well_formed(admin):
    document = admin.openapi.document
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"] and document["info"]["version"]
    identifiers = set()
    for path, method, operation in operations(admin):
        assert path.startswith("/") and method in METHODS
        assert operation["operationId"] not in identifiers
        identifiers.add(operation["operationId"])
        assert operation["responses"], path
        placed = [(p["in"], p["name"]) for p in operation["parameters"]]
        assert len(placed) == len(set(placed))
        assert {name for place, name in placed if place == "path"} == set(
            part.split("}")[0] for part in path.split("{")[1:])


def test_every_schema_is_a_json_schema_and_every_reference_leads_somewhere(admin):
    document = admin.openapi.document
    for name, schema in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert set(schema["required"]) <= set(schema["properties"]), name

    def walk(node):
        if isinstance(node, dict):
            if "$ref" in node:
                name = node["$ref"].removeprefix("#/components/schemas/")
                assert name in document["components"]["schemas"], node
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)
    walk(document)


def test_it_needs_no_token_and_tells_no_version_of_the_program(anybody):
    answer = anybody.get("/api/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["info"]["version"] == "1"


def test_a_path_that_is_not_there_is_a_problem_with_a_code(anybody):
    answer = anybody.get("nothing/here/")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "no_such_route" and isinstance(answer.json()["detail"], str)
    assert answer.json()["request_id"]


# A route in the guide: a path below /api/v1/radiology/ that ends with a slash, or one that begins with one.
NAMED_ROUTE = re.compile(r"(?:([A-Z]+) )?(/\S+|[a-z-]+/\S*/|[a-z-]+/|\{MEDIA_URL\}\S+)")


def routes_of_the_guide():
    """(method or None, path) of each; a path without a method of its own has that of the one before it, if any, in the
    same paragraph or row."""
    text = re.sub(r"^```.*?^```", "", (REPOSITORY / "docs" / "api.md").read_text(), flags=re.MULTILINE | re.DOTALL)
    for block in re.split(r"\n(?=\||#)|\n\n", text):
        method = None
        for span in re.findall(r"`([^`]+)`", block):
            named = NAMED_ROUTE.fullmatch(re.sub(r"\?.*", "", span))
            if named:
                method = named.group(1) or method
                yield method, comparable(named.group(2).replace("{MEDIA_URL}", "/media/"))


def comparable(path):
    whole = path if path.startswith("/") else PREFIX + path
    return re.sub(r"\{[a-z_]+\}", "{}", whole).rstrip("/")


def test_the_guide_for_people_names_every_route_and_no_other(admin):
    served = {(method.upper(), comparable(path)) for path, method, _ in operations(admin)}
    paths = {path for _, path in served}
    told = [("GET" if method == "HEAD" else method, path) for method, path in routes_of_the_guide()]
    assert sorted(served - set(told)) == [], "not in docs/api.md"
    assert [path for method, path in told if method and (method, path) not in served] == [], "not served"
    # In a sentence about several routes their common beginning may stand for them.
    for method, path in told:
        assert path in paths or any(one.startswith(path + "/") for one in paths), path
