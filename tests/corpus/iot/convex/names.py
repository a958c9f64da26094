"""Names that several modules use."""

from typing import Final

DEVICES: Final = "devices"
READINGS: Final = "readings"
ROLLUPS: Final = "rollups"
ALERTS: Final = "alerts"

BY_DEVICE_AND_AT: Final = "by_device_and_at"
