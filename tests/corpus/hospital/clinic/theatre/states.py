"""The states of what this package keeps."""

from typing import Literal, TypeAlias

from convexity.values import v

TheatreState: TypeAlias = Literal["ready", "cleaning", "blocked"]
OperationState: TypeAlias = Literal["booked", "running", "ended", "cancelled"]
ChecklistState: TypeAlias = Literal["open", "signed"]

theatre_state = v.literal("ready", "cleaning", "blocked")
operation_state = v.literal("booked", "running", "ended", "cancelled")
checklist_state = v.literal("open", "signed")
