// Drives the official client of live queries: commands come as JSON lines, events go as JSON lines.
// Values are in Convex's own JSON encoding; `number` in an event is that of its command.
import { createInterface } from "node:readline";
import { ConvexClient } from "convex/browser";
import { ConvexError, convexToJson, jsonToConvex } from "convex/values";

const speed = Number(process.argv[3]);
const { setTimeout } = globalThis;
globalThis.setTimeout = (action, delay, ...args) => setTimeout(action, delay / speed, ...args);

const client = new ConvexClient(process.argv[2], {
  skipConvexDeploymentUrlCheck: true,
  logger: false,
});
const subscriptions = new Map();
const pages = new Map();

function tell(event) {
  console.log(JSON.stringify(event));
}

function failure(error) {
  const data = error instanceof ConvexError ? { data: convexToJson(error.data) } : {};
  return { message: error.message, ...data };
}

const commands = {
  subscribe({ number, path, args }) {
    const subscription = client.onUpdate(
      path,
      jsonToConvex(args),
      (value) => tell({ number, value: convexToJson(value) }),
      (error) => tell({ number, ...failure(error) }),
    );
    subscriptions.set(number, subscription);
  },
  paginate({ number, path, args, size }) {
    const subscription = client.onPaginatedUpdate_experimental(
      path,
      jsonToConvex(args),
      { initialNumItems: size },
      (page) => {
        pages.set(number, page);
        tell({ number, value: page.results.map(convexToJson), status: page.status });
      },
      (error) => tell({ number, ...failure(error) }),
    );
    subscriptions.set(number, subscription);
  },
  more({ of, size }) {
    pages.get(of).loadMore(size);
  },
  unsubscribe({ of }) {
    subscriptions.get(of).unsubscribe();
  },
  async call({ number, kind, path, args }) {
    try {
      const value = await client[kind](path, jsonToConvex(args));
      tell({ number, value: convexToJson(value) });
    } catch (error) {
      tell({ number, ...failure(error) });
    }
  },
  // As Convex's own tools reach into components: only an admin may.
  component_subscribe({ number, component, path, args }) {
    const { client: base } = client;
    const options = { componentPath: component };
    const { queryToken } = base.subscribe(path, jsonToConvex(args), options);
    base.addOnTransitionHandler(({ queries }) => {
      if (!queries.some(({ token }) => token === queryToken)) return;
      try {
        tell({ number, value: convexToJson(base.localQueryResultByToken(queryToken)) });
      } catch (error) {
        tell({ number, ...failure(error) });
      }
    });
  },
  async component_call({ number, component, kind, path, args }) {
    const { client: base } = client;
    const given = jsonToConvex(args);
    const result = await (kind === "mutation"
      ? base.mutationInternal(path, given, undefined, component)
      : base.actionInternal(path, given, component));
    const { success, value, errorMessage } = result;
    tell(success ? { number, value: convexToJson(value) } : { number, message: errorMessage });
  },
  // Bodies are base64 either way.
  async fetch({ number, url, method = "GET", headers = {}, body }) {
    const content = body === undefined ? undefined : new Blob([Buffer.from(body, "base64")]);
    const answer = await fetch(url, { method, headers, body: content });
    const received = Buffer.from(await answer.arrayBuffer()).toString("base64");
    tell({ number, status: answer.status, headers: Object.fromEntries(answer.headers), body: received });
  },
  // Tokens are given out in order, the last one for ever.
  sign_in({ number, tokens }) {
    client.setAuth(
      async ({ forceRefreshToken }) => {
        const token = tokens.length > 1 ? tokens.shift() : tokens[0];
        tell({ number, fetched: token, force: forceRefreshToken });
        return token;
      },
      (isSignedIn) => tell({ number, isSignedIn }),
    );
  },
  admin({ key, acting }) {
    client.client.setAdminAuth(key, acting);
  },
  connection({ number }) {
    tell({ number, value: client.connectionState() });
  },
};

process.on("uncaughtException", (error) => tell({ number: -1, message: String(error) }));
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  commands[command.command](command);
}
await client.close();
process.exit(0);
