// Runs calls through the official HTTP client: JSON lines in, JSON lines out.
// A call is {kind, path, args, admin?, token?}; values are in Convex's own JSON encoding.
import { createInterface } from "node:readline";
import { ConvexHttpClient } from "convex/browser";
import { ConvexError, convexToJson, jsonToConvex } from "convex/values";

const client = new ConvexHttpClient(process.argv[2], {
  skipConvexDeploymentUrlCheck: true,
  logger: false,
});

async function call({ kind, path, args, admin, token }) {
  client.clearAuth();
  if (admin) client.setAdminAuth(admin);
  if (token) client.setAuth(token);
  try {
    const value = await client[kind](path, jsonToConvex(args));
    return { value: convexToJson(value) };
  } catch (error) {
    if (error instanceof ConvexError) {
      return { data: convexToJson(error.data), message: error.message };
    }
    return { message: error.message };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await call(JSON.parse(line))));
}
