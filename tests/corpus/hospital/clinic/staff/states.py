"""The states of what this package keeps."""

from typing import Literal, TypeAlias

from convexity.values import v

ShiftState: TypeAlias = Literal["draft", "published", "over"]
LeaveState: TypeAlias = Literal["asked", "granted", "refused"]

shift_state = v.literal("draft", "published", "over")
leave_state = v.literal("asked", "granted", "refused")
