import { usePaginatedQuery } from "convex/react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";

const PAGE_SIZE = 5;

/** Every message, newest first, a page at a time. */
export function History({ channel }: { channel: Id<"channels"> }) {
  const { results, status, loadMore } = usePaginatedQuery(
    api.history.page,
    { channelId: channel },
    { initialNumItems: PAGE_SIZE },
  );

  return (
    <section aria-label="History">
      <h2>History</h2>
      <ol>
        {results.map((message) => (
          <li key={message._id}>
            <time>{new Date(message._creationTime).toLocaleTimeString()}</time> {message.content}
          </li>
        ))}
      </ol>
      {status === "Exhausted" ? (
        <p>That is all.</p>
      ) : (
        <button onClick={() => loadMore(PAGE_SIZE)} disabled={status !== "CanLoadMore"}>
          Load older
        </button>
      )}
    </section>
  );
}
