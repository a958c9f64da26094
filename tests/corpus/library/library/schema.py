"""Tables of the library."""

from convexity.server import define_schema, define_table
from convexity.values import v

medium = v.literal("book", "film", "magazine")
loan_fields = {
    "copyId": v.id("copies"),
    "readerId": v.id("readers"),
    "due": v.string(),
    "renewals": v.number(),
    "returned": v.nullable(v.string()),
}

schema = define_schema(
    titles=define_table(
        isbn=v.string(), name=v.string(), authors=v.array(v.string()), medium=medium
    )
    .index("by_isbn", ["isbn"])
    .index("by_medium_and_name", ["medium", "name"])
    .search_index("search_name", search_field="name", filter_fields=["medium"]),
    copies=define_table(
        titleId=v.id("titles"), shelf=v.string(), state=v.literal("in", "out", "lost")
    )
    .index("by_titleId_and_state", ["titleId", "state"])
    .index("by_shelf", ["shelf"]),
    readers=define_table(
        name=v.string(), card=v.string(), token=v.optional(v.string()), owes=v.number()
    )
    .index("by_card", ["card"])
    .index("by_token", ["token"]),
    loans=define_table(loan_fields)
    .index("by_readerId_and_returned", ["readerId", "returned"])
    .index("by_copyId_and_returned", ["copyId", "returned"])
    .index("by_returned_and_due", ["returned", "due"]),
    holds=define_table(titleId=v.id("titles"), readerId=v.id("readers")).index(
        "by_titleId_and_readerId", ["titleId", "readerId"]
    ),
)
