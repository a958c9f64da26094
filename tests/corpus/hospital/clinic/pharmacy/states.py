"""The states of what this package keeps."""

from typing import Literal, TypeAlias

from convexity.values import v

DrugState: TypeAlias = Literal["listed", "blocked"]
BatchState: TypeAlias = Literal["stored", "recalled", "used"]
PrescriptionState: TypeAlias = Literal["written", "checked", "stopped"]
DoseState: TypeAlias = Literal["due", "given", "omitted"]

drug_state = v.literal("listed", "blocked")
batch_state = v.literal("stored", "recalled", "used")
prescription_state = v.literal("written", "checked", "stopped")
dose_state = v.literal("due", "given", "omitted")
