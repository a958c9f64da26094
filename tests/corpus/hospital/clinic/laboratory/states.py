"""The states of what this package keeps."""

from typing import Literal, TypeAlias

from convexity.values import v

OrderState: TypeAlias = Literal["ordered", "drawn", "reported", "cancelled"]
SampleState: TypeAlias = Literal["sent", "received", "spoiled"]
DeviceState: TypeAlias = Literal["ready", "busy", "service"]

order_state = v.literal("ordered", "drawn", "reported", "cancelled")
sample_state = v.literal("sent", "received", "spoiled")
device_state = v.literal("ready", "busy", "service")
