"""An identity provider on the loopback device: real keys, real discovery, counted requests."""

from __future__ import annotations

import contextlib
import functools
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "the-app"


@functools.cache
def _rsa_keys(number: int) -> rsa.RSAPrivateKey:
    """Key ``number`` of every issuer: making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issuer:
    """Signs tokens and publishes its keys; attributes change what it publishes."""

    def __init__(self) -> None:
        self.url = ""
        self.keys: dict[str, tuple[str, Any]] = {}
        self.announced: str | None = None
        self.key_set_type = "application/json"
        self.is_down = False
        self.requests: list[str] = []

    def add_key(self, key_id: str, algorithm: str = "RS256") -> None:
        """Make a key; it is published at once."""
        key = {
            "RS256": lambda: _rsa_keys(len(self.keys)),
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate,
        }[algorithm]()
        self.keys[key_id] = (algorithm, key)

    def token(self, key_id: str = "first", **claims: Any) -> str:
        """A token valid for a minute; a claim given as ``None`` is left out."""
        algorithm, key = self.keys[key_id]
        now = int(time.time())
        standard = {
            "iss": self.url,
            "sub": "user-1",
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + 60,
        }
        present = {name: value for name, value in (standard | claims).items() if value is not None}
        return jwt.encode(present, key, algorithm=algorithm, headers={"kid": key_id})

    def key_set(self) -> dict[str, Any]:
        """The public keys as a JWKS document."""
        writers = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}
        return {
            "keys": [
                json.loads(writers[algorithm].to_jwk(key.public_key()))
                | {"kid": key_id, "alg": algorithm, "use": "sig"}
                for key_id, (algorithm, key) in self.keys.items()
            ]
        }

    def answer(self, path: str) -> tuple[int, str, dict[str, Any]]:
        """Status, content type and document of a path."""
        self.requests.append(path)
        if self.is_down:
            return 503, "application/json", {}
        if path == "/.well-known/openid-configuration":
            issuer = self.announced or self.url
            return 200, "application/json", {"issuer": issuer, "jwks_uri": f"{self.url}/keys"}
        return 200, self.key_set_type, self.key_set()


@contextlib.contextmanager
def issuer() -> Iterator[Issuer]:
    """An issuer with one RSA key, until the end of the block."""
    made = Issuer()
    made.add_key("first")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, document = made.answer(self.path)
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
