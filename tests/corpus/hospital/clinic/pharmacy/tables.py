"""Tables: drugs from the shelf to the patient."""

from convexity.server import define_table
from convexity.values import v

from .states import batch_state, dose_state, drug_state, prescription_state

TABLES = {
    "drugs": define_table(
        brand=v.string(),
        strength=v.number(),
        listedAt=v.number(),
        state=drug_state,
        code=v.string(),
    )
    .index("by_listedAt", ["listedAt"])
    .index("by_state", ["state"])
    .index("by_code", ["code"])
    .search_index("search_brand", search_field="brand"),
    "batches": define_table(
        drugId=v.id("drugs"),
        lot=v.string(),
        pieces=v.number(),
        expiresAt=v.number(),
        state=batch_state,
    )
    .index("by_drugId_and_expiresAt", ["drugId", "expiresAt"])
    .index("by_drugId_and_state", ["drugId", "state"])
    .index("by_expiresAt", ["expiresAt"]),
    "prescriptions": define_table(
        stayId=v.id("stays"),
        dosage=v.string(),
        perDay=v.number(),
        writtenAt=v.number(),
        state=prescription_state,
    )
    .index("by_stayId_and_writtenAt", ["stayId", "writtenAt"])
    .index("by_stayId_and_state", ["stayId", "state"]),
    "doses": define_table(
        prescriptionId=v.id("prescriptions"),
        giver=v.string(),
        amount=v.number(),
        dueAt=v.number(),
        state=dose_state,
    )
    .index("by_prescriptionId_and_dueAt", ["prescriptionId", "dueAt"])
    .index("by_prescriptionId_and_state", ["prescriptionId", "state"]),
}
