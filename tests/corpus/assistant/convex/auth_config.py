"""Who signs tokens."""

from convexity.server import custom_jwt_provider, define_auth

auth = define_auth(
    custom_jwt_provider(
        issuer="https://id.assistant.example",
        jwks="https://id.assistant.example/.well-known/jwks.json",
        algorithm="ES256",
    )
)
