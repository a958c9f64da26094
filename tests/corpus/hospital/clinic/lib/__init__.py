"""What every package uses."""

from .access import Staff as Staff
from .access import require_staff as require_staff

__all__ = ["Staff", "require_staff"]
