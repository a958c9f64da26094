"""Write the project of ``generate_project`` in TypeScript, for the peers of that language.

``python -m benchmarks.generate_typescript FOLDER [--modules 200]``
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from benchmarks.generate_project import MODULES_PER_AREA

_TSCONFIG: Final = """\
{
  "compilerOptions": {
    "target": "ESNext",
    "module": "ESNext",
    "moduleResolution": "Bundler",
    "lib": ["ES2021", "dom"],
    "strict": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["convex"]
}
"""

_SCHEMA_HEAD: Final = """\
/** Tables of the generated project. */
import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({
"""

_SCHEMA_TABLES: Final = """\
  channels{n}: defineTable({{ name: v.string(), topic: v.optional(v.string()) }}),
  messages{n}: defineTable({{
    channelId: v.id("channels{n}"),
    author: v.string(),
    content: v.string(),
    status: v.union(v.literal("draft"), v.literal("sent"), v.literal("deleted")),
    reactions: v.record(v.string(), v.number()),
  }})
    .index("by_channelId", ["channelId"])
    .index("by_author_and_status", ["author", "status"]),
"""

_MODULE: Final = """\
/** Channels and messages of area {n}. */
import {{ ConvexError, v }} from "convex/values";

import {{ internal }} from "./_generated/api";
import type {{ Doc, Id }} from "./_generated/dataModel";
import type {{ QueryCtx }} from "./_generated/server";
import {{
  action,
  internalMutation,
  internalQuery,
  mutation,
  query,
}} from "./_generated/server";
import schema from "./schema";

const HISTORY_LENGTH = 10;
const MESSAGE_FIELDS = {{
  channelId: v.id("channels{n}"),
  author: v.string(),
  content: v.string(),
}};
const channel = v.object({{
  ...schema.tables.channels{n}.validator.fields,
  _id: v.id("channels{n}"),
  _creationTime: v.number(),
}});
const message = v.object({{
  ...schema.tables.messages{n}.validator.fields,
  _id: v.id("messages{n}"),
  _creationTime: v.number(),
}});

/** Create a channel with a given name. */
export const createChannel = mutation({{
  args: {{ name: v.string() }},
  returns: v.id("channels{n}"),
  handler: async (ctx, args): Promise<Id<"channels{n}">> => {{
    if (args.name.trim() === "") {{
      throw new ConvexError("A channel needs a name");
    }}
    return await ctx.db.insert("channels{n}", {{ name: args.name }});
  }},
}});

/** Return a channel, or nothing when it does not exist. */
export const getChannel = query({{
  args: {{ channelId: v.id("channels{n}") }},
  returns: v.union(channel, v.null()),
  handler: async (ctx, args): Promise<Doc<"channels{n}"> | null> => {{
    return await ctx.db.get("channels{n}", args.channelId);
  }},
}});

/** Return the most recent messages of a channel, newest first. */
export const listMessages = query({{
  args: {{ channelId: v.id("channels{n}") }},
  returns: v.array(message),
  handler: async (ctx, args): Promise<Doc<"messages{n}">[]> => {{
    return await recentMessages(ctx, args.channelId);
  }},
}});

/** Send a message to a channel and count it. */
export const sendMessage = mutation({{
  args: MESSAGE_FIELDS,
  returns: v.id("messages{n}"),
  handler: async (ctx, args): Promise<Id<"messages{n}">> => {{
    const found = await ctx.db.get("channels{n}", args.channelId);
    if (found === null) {{
      throw new ConvexError("Channel not found");
    }}
    const messageId = await ctx.db.insert("messages{n}", {{
      channelId: args.channelId,
      author: args.author,
      content: args.content,
      status: "sent",
      reactions: {{}},
    }});
    await ctx.scheduler.runAfter(0, internal.{module}.markSent, {{ messageId }});
    return messageId;
  }},
}});

/** Mark a message as sent. */
export const markSent = internalMutation({{
  args: {{ messageId: v.id("messages{n}") }},
  returns: v.null(),
  handler: async (ctx, args): Promise<null> => {{
    await ctx.db.patch("messages{n}", args.messageId, {{ status: "sent" }});
    return null;
  }},
}});

/** Load the texts of an author's drafts. */
export const loadDrafts = internalQuery({{
  args: {{ author: v.string(), limit: v.optional(v.number()) }},
  returns: v.array(v.string()),
  handler: async (ctx, args): Promise<string[]> => {{
    const drafts = await ctx.db
      .query("messages{n}")
      .withIndex("by_author_and_status", (q) =>
        q.eq("author", args.author).eq("status", "draft"),
      )
      .take(args.limit ?? HISTORY_LENGTH);
    return drafts.map((draft) => draft.content);
  }},
}});

/** Put the drafts on a topic into one text and post it. */
export const summariseChannel = action({{
  args: {{ channelId: v.id("channels{n}"), topic: v.string() }},
  returns: v.string(),
  handler: async (ctx, args): Promise<string> => {{
    const drafts: string[] = await ctx.runQuery(internal.{module}.loadDrafts, {{
      author: args.topic,
    }});
    const summary = drafts.join("; ");
    await ctx.runMutation(internal.{module}.postSummary, {{
      channelId: args.channelId,
      content: summary || "nothing new",
    }});
    return summary;
  }},
}});

/** Post a summary as the channel's topic. */
export const postSummary = internalMutation({{
  args: {{ channelId: v.id("channels{n}"), content: v.string() }},
  returns: v.null(),
  handler: async (ctx, args): Promise<null> => {{
    const found = await ctx.db.get("channels{n}", args.channelId);
    if (found === null) {{
      throw new ConvexError("Channel not found");
    }}
    if (found.topic !== args.content) {{
      await ctx.db.patch("channels{n}", args.channelId, {{ topic: args.content }});
    }}
    return null;
  }},
}});

/** Return the latest messages of a channel, newest first. */
async function recentMessages(
  ctx: QueryCtx,
  channelId: Id<"channels{n}">,
): Promise<Doc<"messages{n}">[]> {{
  return await ctx.db
    .query("messages{n}")
    .withIndex("by_channelId", (q) => q.eq("channelId", channelId))
    .order("desc")
    .take(HISTORY_LENGTH);
}}
"""

_DATA_MODEL: Final = """\
import type {
  DataModelFromSchemaDefinition,
  DocumentByName,
  SystemTableNames,
  TableNamesInDataModel,
} from "convex/server";
import type { GenericId } from "convex/values";
import type schema from "../schema";

export type DataModel = DataModelFromSchemaDefinition<typeof schema>;
export type TableNames = TableNamesInDataModel<DataModel>;
export type Doc<TableName extends TableNames> = DocumentByName<DataModel, TableName>;
export type Id<TableName extends TableNames | SystemTableNames> = GenericId<TableName>;
"""

_SERVER: Final = """\
import type {
  ActionBuilder,
  GenericActionCtx,
  GenericMutationCtx,
  GenericQueryCtx,
  MutationBuilder,
  QueryBuilder,
} from "convex/server";
import type { DataModel } from "./dataModel";

export declare const query: QueryBuilder<DataModel, "public">;
export declare const internalQuery: QueryBuilder<DataModel, "internal">;
export declare const mutation: MutationBuilder<DataModel, "public">;
export declare const internalMutation: MutationBuilder<DataModel, "internal">;
export declare const action: ActionBuilder<DataModel, "public">;
export declare const internalAction: ActionBuilder<DataModel, "internal">;
export type QueryCtx = GenericQueryCtx<DataModel>;
export type MutationCtx = GenericMutationCtx<DataModel>;
export type ActionCtx = GenericActionCtx<DataModel>;
"""

_API: Final = """\
import type {{ ApiFromModules, FilterApi, FunctionReference }} from "convex/server";
{imports}

declare const fullApi: ApiFromModules<{{
{members}
}}>;
export declare const api: FilterApi<typeof fullApi, FunctionReference<any, "public">>;
export declare const internal: FilterApi<typeof fullApi, FunctionReference<any, "internal">>;
"""
"""The declarations that ``npx convex codegen`` makes, which needs a deployment to do so."""


def generate_typescript(root: Path, modules: int = 200) -> Path:
    """Write the twin of ``generate_project(root, modules)``; return ``root``."""
    functions = root / "convex"
    generated = functions / "_generated"
    generated.mkdir(parents=True, exist_ok=True)
    names = [f"area{number}" for number in range(modules)]
    areas = range(-(-modules // MODULES_PER_AREA))
    tables = "".join(_SCHEMA_TABLES.format(n=area) for area in areas)
    files = {
        root / "tsconfig.json": _TSCONFIG,
        functions / "schema.ts": f"{_SCHEMA_HEAD}{tables}}});\n",
        generated / "dataModel.d.ts": _DATA_MODEL,
        generated / "server.d.ts": _SERVER,
        generated / "api.d.ts": _API.format(
            imports="\n".join(f'import type * as {name} from "../{name}";' for name in names),
            members="\n".join(f"  {name}: typeof {name};" for name in names),
        ),
    }
    for number, name in enumerate(names):
        text = _MODULE.format(n=number // MODULES_PER_AREA, module=name)
        files[functions / f"{name}.ts"] = text
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    return root


def main() -> None:
    """Write a project to the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--modules", type=int, default=200)
    arguments = parser.parse_args()
    generate_typescript(arguments.folder, arguments.modules)


if __name__ == "__main__":
    main()
