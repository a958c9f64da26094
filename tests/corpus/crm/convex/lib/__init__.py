"""What every subject of the CRM uses."""

from .access import Membership as Membership
from .access import require_admin as require_admin
from .access import require_member as require_member

__all__ = ["Membership", "require_admin", "require_member"]
