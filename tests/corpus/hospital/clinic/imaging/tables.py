"""Tables: pictures and what they show."""

from convexity.server import define_table
from convexity.values import v

from . import states

studies = (
    define_table(
        {
            "patientId": v.id("patients"),
            "region": v.string(),
            "images": v.number(),
            "plannedAt": v.number(),
            "state": states.study_state,
        }
    )
    .index("by_patientId_and_plannedAt", ["patientId", "plannedAt"])
    .index("by_patientId_and_state", ["patientId", "state"])
)
reports = (
    define_table(
        {
            "studyId": v.id("studies"),
            "impression": v.string(),
            "pages": v.number(),
            "writtenAt": v.number(),
            "state": states.report_state,
        }
    )
    .index("by_studyId_and_writtenAt", ["studyId", "writtenAt"])
    .index("by_studyId_and_state", ["studyId", "state"])
    .search_index("search_impression", search_field="impression")
)
scanners = (
    define_table(
        {
            "room": v.string(),
            "slots": v.number(),
            "installedAt": v.number(),
            "state": states.scanner_state,
        }
    )
    .index("by_installedAt", ["installedAt"])
    .index("by_state", ["state"])
)
