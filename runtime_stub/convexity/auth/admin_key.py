"""The admin key of a deployment: ``name|secret`` or only the secret (wire-protocol 2.4)."""

from __future__ import annotations

import hmac


def secret_part(key: str) -> str:
    """An admin key without the names that may stand before its ``|``."""
    return key.rpartition("|")[2]


def is_admin_key(given: str, admin_key: str) -> bool:
    """Whether a key is that of the deployment; it takes as long for every wrong one."""
    return hmac.compare_digest(secret_part(given).encode(), secret_part(admin_key).encode())
