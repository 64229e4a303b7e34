"""The OpenAPI document: the error shape on every operation."""

from typing import Any

ERROR = {
    "type": "object",
    "required": ["detail", "error_code", "timestamp", "request_id"],
    "properties": {
        "detail": {"type": "string"},
        "error_code": {"type": "string", "examples": ["VALIDATION_ERROR"]},
        "timestamp": {"type": "string", "format": "date-time"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
ALWAYS = {
    "429": "Too many requests.",
    "500": "Something went wrong.",
    "503": "Not available.",
}
WITH_BODY = {"400": "Malformed, or refused.", "413": "Too large.", "415": "Not JSON."}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Replays the first answer to the same body for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64},
}


def _expected(method: str, path: str, operation: dict[str, Any]) -> dict[str, str]:
    expected = dict(ALWAYS)
    if method in {"post", "put", "patch"}:
        expected |= WITH_BODY
    if "requestBody" in operation or operation.get("parameters"):
        expected["422"] = "Some values are not valid."
    if operation.get("security") or "/auth/" in path or "/users/" in path:
        expected["401"] = "Not signed in, or the token is no longer good."
    if "{" in path:
        expected["404"] = "There is no such thing, or it is not yours."
    return expected


def describe_errors(result: dict[str, Any], generator: Any, **kwargs: Any) -> dict[str, Any]:
    """A drf-spectacular hook: say on each operation how it can fail."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if method == "post":
                operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
            for code, description in _expected(method, path, operation).items():
                answer = {"description": description, "content": content}
                operation["responses"].setdefault(code, answer)
    return result
