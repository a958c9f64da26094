"""Tables: what is found, planned and done for a patient."""

from convexity.server import define_table
from convexity.values import v

from .states import diagnosis_state, plan_state, task_state

TABLES = {
    "diagnoses": define_table(
        {
            "patientId": v.id("patients"),
            "icd": v.string(),
            "certainty": v.number(),
            "madeAt": v.number(),
            "state": diagnosis_state,
        }
    )
    .index("by_patientId_and_madeAt", ["patientId", "madeAt"])
    .index("by_patientId_and_state", ["patientId", "state"])
    .index("by_patientId_and_certainty", ["patientId", "certainty"])
    .search_index("search_icd", search_field="icd"),
    "vitals": define_table(
        {"stayId": v.id("stays"), "kind": v.string(), "value": v.number(), "measuredAt": v.number()}
    )
    .index("by_stayId_and_measuredAt", ["stayId", "measuredAt"])
    .index("by_stayId_and_value", ["stayId", "value"])
    .index("by_measuredAt", ["measuredAt"]),
    "plans": define_table(
        {
            "stayId": v.id("stays"),
            "goal": v.string(),
            "priority": v.number(),
            "setAt": v.number(),
            "state": plan_state,
        }
    )
    .index("by_stayId_and_setAt", ["stayId", "setAt"])
    .index("by_stayId_and_state", ["stayId", "state"]),
    "care_tasks": define_table(
        {
            "planId": v.id("plans"),
            "what": v.string(),
            "effort": v.number(),
            "dueAt": v.number(),
            "state": task_state,
        }
    )
    .index("by_planId_and_dueAt", ["planId", "dueAt"])
    .index("by_planId_and_state", ["planId", "state"]),
    "handovers": define_table(
        {
            "wardId": v.id("wards"),
            "summary": v.string(),
            "patients": v.number(),
            "writtenAt": v.number(),
        }
    )
    .index("by_wardId_and_writtenAt", ["wardId", "writtenAt"])
    .search_index("search_summary", search_field="summary"),
}
