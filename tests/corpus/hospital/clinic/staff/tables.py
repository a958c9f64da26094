"""Tables: departments and the time of those who work there."""

from convexity.server import define_table
from convexity.values import v

from . import states

departments = (
    define_table({"title": v.string(), "budget": v.number(), "foundedAt": v.number()})
    .index("by_foundedAt", ["foundedAt"])
    .search_index("search_title", search_field="title")
)
shifts = (
    define_table(
        {
            "departmentId": v.id("departments"),
            "label": v.string(),
            "hours": v.number(),
            "startsAt": v.number(),
            "state": states.shift_state,
        }
    )
    .index("by_departmentId_and_startsAt", ["departmentId", "startsAt"])
    .index("by_departmentId_and_state", ["departmentId", "state"])
    .index("by_startsAt", ["startsAt"])
)
leaves = (
    define_table(
        {
            "departmentId": v.id("departments"),
            "reason": v.string(),
            "days": v.number(),
            "fromTime": v.number(),
            "state": states.leave_state,
        }
    )
    .index("by_departmentId_and_fromTime", ["departmentId", "fromTime"])
    .index("by_departmentId_and_state", ["departmentId", "state"])
)
trainings = (
    define_table(
        {
            "departmentId": v.id("departments"),
            "topic": v.string(),
            "credits": v.number(),
            "heldAt": v.number(),
        }
    )
    .index("by_departmentId_and_heldAt", ["departmentId", "heldAt"])
    .search_index("search_topic", search_field="topic")
)
