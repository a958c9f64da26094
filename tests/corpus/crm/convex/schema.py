"""Tables of the CRM."""

from convexity.server import define_schema, define_table
from convexity.values import v

from .contacts.validators import address, channel
from .deals.stages import stage

schema = define_schema(
    workspaces=define_table(name=v.string(), slug=v.string(), plan=v.literal("free", "team")).index(
        "by_slug", ["slug"]
    ),
    users=define_table(name=v.string(), email=v.string(), tokenIdentifier=v.string()).index(
        "by_tokenIdentifier", ["tokenIdentifier"]
    ),
    members=define_table(
        workspaceId=v.id("workspaces"),
        userId=v.id("users"),
        role=v.literal("owner", "admin", "member"),
    )
    .index("by_workspaceId_and_userId", ["workspaceId", "userId"])
    .index("by_userId", ["userId"]),
    companies=define_table(
        workspaceId=v.id("workspaces"),
        name=v.string(),
        domain=v.optional(v.string()),
        address=v.optional(address),
    )
    .index("by_workspaceId_and_domain", ["workspaceId", "domain"])
    .search_index("search_name", search_field="name", filter_fields=["workspaceId"]),
    contacts=define_table(
        workspaceId=v.id("workspaces"),
        companyId=v.optional(v.id("companies")),
        name=v.string(),
        channels=v.array(channel),
        archived=v.boolean(),
    )
    .index("by_workspaceId_and_archived", ["workspaceId", "archived"])
    .index("by_companyId", ["companyId"]),
    deals=define_table(
        workspaceId=v.id("workspaces"),
        contactId=v.id("contacts"),
        title=v.string(),
        amount=v.number(),
        stage=stage,
        ownerId=v.id("users"),
        closedAt=v.optional(v.number()),
    )
    .index("by_workspaceId_and_stage", ["workspaceId", "stage"])
    .index("by_contactId", ["contactId"])
    .index("by_ownerId_and_stage", ["ownerId", "stage"]),
    notes=define_table(
        workspaceId=v.id("workspaces"),
        about=v.union(
            v.object(kind=v.literal("contact"), id=v.id("contacts")),
            v.object(kind=v.literal("deal"), id=v.id("deals")),
        ),
        authorId=v.id("users"),
        text=v.string(),
    ).index("by_workspaceId_and_about_id", ["workspaceId", "about.id"]),
)
