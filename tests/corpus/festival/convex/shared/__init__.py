"""What every package needs, under one roof."""

from .fields import currency, slot_times, ticket_state
from .guards import require_holder, require_staff
from .lists import in_batches, shortened

__all__ = [
    "currency",
    "in_batches",
    "require_holder",
    "require_staff",
    "shortened",
    "slot_times",
    "ticket_state",
]
