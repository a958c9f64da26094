"""The states of what this package keeps."""

from typing import Literal, TypeAlias

from convexity.values import v

StudyState: TypeAlias = Literal["planned", "taken", "read"]
ReportState: TypeAlias = Literal["draft", "signed"]
ScannerState: TypeAlias = Literal["up", "down"]

study_state = v.literal("planned", "taken", "read")
report_state = v.literal("draft", "signed")
scanner_state = v.literal("up", "down")
