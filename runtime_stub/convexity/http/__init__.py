"""The HTTP interface: the endpoints of the official clients, admin keys, the API description."""

from convexity.http.app import BackendApp, create_app
from convexity.http.serve import serve

__all__ = ["BackendApp", "create_app", "serve"]
