"""Tables: who the patients are."""

from convexity.server import define_table
from convexity.values import v

from . import states

patients = (
    define_table(
        fullName=v.string(),
        birthYear=v.number(),
        registeredAt=v.number(),
        state=states.patient_state,
        code=v.string(),
    )
    .index("by_registeredAt", ["registeredAt"])
    .index("by_state", ["state"])
    .index("by_code", ["code"])
    .search_index("search_fullName", search_field="fullName")
)
relatives = (
    define_table(
        patientId=v.id("patients"), name=v.string(), closeness=v.number(), notedAt=v.number()
    )
    .index("by_patientId_and_notedAt", ["patientId", "notedAt"])
    .index("by_patientId_and_closeness", ["patientId", "closeness"])
)
allergies = (
    define_table(
        patientId=v.id("patients"),
        substance=v.string(),
        severity=v.number(),
        notedAt=v.number(),
        state=states.allergy_state,
    )
    .index("by_patientId_and_notedAt", ["patientId", "notedAt"])
    .index("by_patientId_and_state", ["patientId", "state"])
    .index("by_patientId_and_severity", ["patientId", "severity"])
)
consents = (
    define_table(
        patientId=v.id("patients"),
        purpose=v.string(),
        edition=v.number(),
        decidedAt=v.number(),
        state=states.consent_state,
    )
    .index("by_patientId_and_decidedAt", ["patientId", "decidedAt"])
    .index("by_patientId_and_state", ["patientId", "state"])
    .index("by_decidedAt", ["decidedAt"])
)
insurances = (
    define_table(
        patientId=v.id("patients"),
        company=v.string(),
        share=v.number(),
        validUntil=v.number(),
        state=states.insurance_state,
    )
    .index("by_patientId_and_validUntil", ["patientId", "validUntil"])
    .index("by_patientId_and_state", ["patientId", "state"])
)
