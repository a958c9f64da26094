"""Tickets, and the gates at which they are shown."""

from ..shared.guards import find_ticket
from .codes import is_code, new_code

__all__ = ["find_ticket", "is_code", "new_code"]
