"""Tables: wards, rooms, beds and who stays in them."""

from convexity.server import define_table
from convexity.values import v

from .states import bed_state, stay_state, transfer_state, ward_state

TABLES = {
    "wards": define_table(
        title=v.string(), floor=v.number(), openedAt=v.number(), state=ward_state, code=v.string()
    )
    .index("by_openedAt", ["openedAt"])
    .index("by_state", ["state"])
    .index("by_code", ["code"])
    .search_index("search_title", search_field="title"),
    "rooms": define_table(
        wardId=v.id("wards"), label=v.string(), size=v.number(), equippedAt=v.number()
    )
    .index("by_wardId_and_equippedAt", ["wardId", "equippedAt"])
    .index("by_wardId_and_size", ["wardId", "size"]),
    "beds": define_table(
        roomId=v.id("rooms"),
        label=v.string(),
        position=v.number(),
        changedAt=v.number(),
        state=bed_state,
    )
    .index("by_roomId_and_changedAt", ["roomId", "changedAt"])
    .index("by_roomId_and_state", ["roomId", "state"]),
    "stays": define_table(
        patientId=v.id("patients"),
        reason=v.string(),
        nights=v.number(),
        beganAt=v.number(),
        state=stay_state,
    )
    .index("by_patientId_and_beganAt", ["patientId", "beganAt"])
    .index("by_patientId_and_state", ["patientId", "state"])
    .index("by_beganAt", ["beganAt"]),
    "transfers": define_table(
        stayId=v.id("stays"),
        destination=v.string(),
        distance=v.number(),
        askedAt=v.number(),
        state=transfer_state,
    )
    .index("by_stayId_and_askedAt", ["stayId", "askedAt"])
    .index("by_stayId_and_state", ["stayId", "state"]),
}
