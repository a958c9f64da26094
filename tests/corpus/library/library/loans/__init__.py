"""Loans: the rules, and what is done by them."""

from .rules import FINE_PER_DAY as FINE_PER_DAY
from .rules import due_after as due_after
from .rules import fine as fine
