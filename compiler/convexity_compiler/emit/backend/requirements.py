"""What a built backend needs to run."""

RUNTIME_REQUIREMENTS = (
    "apsw>=3.47",
    "asyncpg>=0.30",
    "cronsim>=2.6",
    "fastapi>=0.115",
    "fastapi-offline>=1.7",
    "httpx>=0.27",
    "obstore>=0.9",
    "orjson>=3.10",
    "prometheus-client>=0.20",
    "pydantic>=2.9",
    "pyjwt[crypto]>=2.10",
    "sqlite-vec>=0.1.6",
    "typing-extensions>=4.13",
    "uvicorn[standard]>=0.54",
)
"""Requirements of the runtime, as in ``pyproject.toml``; the compiler's own are not among them."""
