"""The rules of OpenAPI 3.1 as far as our document uses it, and the validation of real answers against its schemas.

Debian 12 has no validator of OpenAPI; its schemas are JSON Schema 2020-12 (OpenAPI 3.1.0, 4.8.24), for which there is
python3-jsonschema.
"""

import copy
import re

import jsonschema

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
OPERATION = {"tags", "summary", "description", "externalDocs", "operationId", "parameters", "requestBody", "responses",
             "callbacks", "deprecated", "security", "servers"}
COMPONENTS = {"schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links",
              "callbacks", "pathItems"}
STATUS = re.compile(r"^([1-5](\d\d|XX)|default)$")


def walk(value, path=()):
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk(item, (*path, str(index)))


def resolve(document, reference):
    value = document
    for part in reference.removeprefix("#/").split("/"):
        value = value[part.replace("~1", "/").replace("~0", "~")]
    return value


def target(document, value):
    return resolve(document, value["$ref"]) if isinstance(value, dict) and "$ref" in value else value


def schemas_of(document):
    yield from document["components"]["schemas"].items()
    for path, value in walk(document):
        if path and path[-1] == "schema":
            yield "/".join(path), value


def faults(document):
    """What breaks a rule, in words; an empty list for a valid document."""
    found = []
    check = lambda good, text: None if good else found.append(text)  # noqa: E731
    check(re.fullmatch(r"3\.1\.\d+", document.get("openapi", "")), "openapi is no 3.1.x")
    check({"title", "version"} <= set(document.get("info", {})), "info lacks title or version")
    check(set(document["components"]) <= COMPONENTS, "unknown kind of component")
    for kind in document["components"].values():
        for name in kind:
            check(re.fullmatch(r"[a-zA-Z0-9._-]+", name), f"'{name}' is no name of a component")
    referred = set()
    for path, value in walk(document):
        if isinstance(value, dict) and isinstance(value.get("$ref"), str):
            referred.add(value["$ref"])
            try:
                resolve(document, value["$ref"])
            except (KeyError, TypeError):
                found.append(f"{'/'.join(path)}: {value['$ref']} leads nowhere")
    for kind in ("schemas", "responses", "headers"):
        for name in document["components"][kind]:
            check(f"#/components/{kind}/{name}" in referred, f"{kind}/{name} is used by nobody")
    for name, schema in schemas_of(document):
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            found.append(f"{name}: {error.message}")
    tags = {tag["name"] for tag in document["tags"]}
    identities = set()
    for path, item in document["paths"].items():
        check(path.startswith("/"), f"{path} does not begin with a slash")
        for method, operation in item.items():
            name = f"{method} {path}"
            check(method in METHODS, f"{name}: unknown method")
            check(all(key in OPERATION or key.startswith("x-") for key in operation), f"{name}: unknown member")
            check(operation["operationId"] not in identities, f"{name}: operationId is taken")
            identities.add(operation["operationId"])
            check(set(operation["tags"]) <= tags, f"{name}: unknown tag")
            parameters = [target(document, one) for one in operation.get("parameters", [])]
            keys = [(one["name"], one["in"]) for one in parameters]
            check(len(keys) == len(set(keys)), f"{name}: a parameter is given twice")
            check({one for one, place in keys if place == "path"} == set(re.findall(r"{(\w+)}", path)),
                  f"{name}: the path's parameters are not those described")
            for one in parameters:
                check(one["in"] in ("path", "query", "header", "cookie"), f"{name}: {one['name']} is nowhere")
                check(one["in"] != "path" or one.get("required") is True, f"{name}: {one['name']} must be required")
                check(("schema" in one) != ("content" in one), f"{name}: {one['name']} has no schema")
            if "requestBody" in operation:
                check(operation["requestBody"].get("content"), f"{name}: a body without content")
            check(operation.get("responses"), f"{name}: no responses")
            for status, response in operation["responses"].items():
                check(STATUS.match(status), f"{name}: '{status}' is no status")
                check("description" in target(document, response), f"{name} {status}: no description")
            for requirement in operation.get("security", []):
                for scheme in requirement:
                    check(scheme in document["components"]["securitySchemes"], f"{name}: unknown scheme {scheme}")
    return found


class Description:
    """Checks answers against the document, members that it does not name included."""

    def __init__(self, document):
        self.document = document
        self.strict = copy.deepcopy(document)
        for _, value in list(walk(self.strict)):
            if isinstance(value, dict) and isinstance(value.get("properties"), dict) and value.get("type") == "object":
                value.setdefault("additionalProperties", False)
        self.seen = set()

    def operation(self, method, path):
        """Of a concrete path: words before parameters."""
        candidates = []
        for template, item in self.document["paths"].items():
            pattern = re.sub(r"{\w+}", "[^/]+", template)
            if re.fullmatch(pattern, path) and method.lower() in item:
                candidates.append(template)
        if not candidates:
            raise AssertionError(f"{method} {path} is not described")
        return min(candidates, key=lambda template: template.count("{"))

    def check(self, method, path, status, content_type, body):
        """`body`: the JSON as a value. Raises AssertionError when the answer is not as described."""
        template = self.operation(method, path.partition("?")[0])
        self.seen.add((method, template))
        responses = self.strict["paths"][template][method.lower()]["responses"]
        name = f"{method} {template} {status}"
        if str(status) not in responses and status < 400:
            raise AssertionError(f"{name} is not described")
        response = target(self.strict, responses.get(str(status), responses["default"]))
        if "content" not in response:
            assert not body, f"{name}: a body that is not described"
            return
        kind = content_type.partition(";")[0]
        if kind not in response["content"]:
            raise AssertionError(f"{name}: {kind} is not described")
        if not kind.endswith("json"):
            return
        schema = dict(response["content"][kind]["schema"], components=self.strict["components"])
        errors = [f"{'/'.join(map(str, error.path))}: {error.message}"
                  for error in jsonschema.Draft202012Validator(schema).iter_errors(body)]
        if errors:
            raise AssertionError(f"{name}: {errors[:5]}\n{str(body)[:2000]}")
