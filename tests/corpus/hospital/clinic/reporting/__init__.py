"""Numbers for those who lead."""

from .figures import Occupancy as Occupancy
from .figures import rate as rate
