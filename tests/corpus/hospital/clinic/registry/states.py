"""The states of what this package keeps."""

from typing import Literal, TypeAlias

from convexity.values import v

PatientState: TypeAlias = Literal["expected", "present", "gone"]
AllergyState: TypeAlias = Literal["suspected", "confirmed", "refuted"]
ConsentState: TypeAlias = Literal["asked", "given", "withdrawn"]
InsuranceState: TypeAlias = Literal["active", "lapsed"]

patient_state = v.literal("expected", "present", "gone")
allergy_state = v.literal("suspected", "confirmed", "refuted")
consent_state = v.literal("asked", "given", "withdrawn")
insurance_state = v.literal("active", "lapsed")
