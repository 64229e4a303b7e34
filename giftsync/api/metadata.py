"""What OPTIONS answers: the methods. The rest stands in the OpenAPI document."""

from typing import TYPE_CHECKING, Any

from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request

if TYPE_CHECKING:
    from rest_framework.views import APIView


class MethodsOnly(BaseMetadata):
    """Names neither classes nor fields."""

    def determine_metadata(self, request: Request, view: "APIView") -> dict[str, Any]:
        return {"methods": view.allowed_methods}
