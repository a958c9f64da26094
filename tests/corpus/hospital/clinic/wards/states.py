"""The states of what this package keeps."""

from typing import Literal, TypeAlias

from convexity.values import v

WardState: TypeAlias = Literal["open", "closed"]
BedState: TypeAlias = Literal["free", "taken", "cleaning", "broken"]
StayState: TypeAlias = Literal["planned", "admitted", "discharged"]
TransferState: TypeAlias = Literal["asked", "agreed", "done", "refused"]

ward_state = v.literal("open", "closed")
bed_state = v.literal("free", "taken", "cleaning", "broken")
stay_state = v.literal("planned", "admitted", "discharged")
transfer_state = v.literal("asked", "agreed", "done", "refused")
