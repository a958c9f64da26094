import { useMutation, useQuery } from "convex/react";
import { useEffect, useRef } from "react";
import { api } from "../../convex/_generated/api";
import type { Doc, Id } from "../../convex/_generated/dataModel";
import { Form } from "./Form";

interface ChatProps {
  channel: Id<"channels">;
  user: Id<"users"> | null;
}

/** The latest messages, kept up to date by the backend. */
export function Chat({ channel, user }: ChatProps) {
  const messages = useQuery(api.index.list_messages, { channelId: channel });
  const send = useMutation(api.index.send_message).withOptimisticUpdate((store, message) => {
    const shown = store.getQuery(api.index.list_messages, { channelId: channel });
    if (shown === undefined) return;
    const sending: Doc<"messages"> = {
      ...message,
      _id: crypto.randomUUID() as Id<"messages">,
      _creationTime: Date.now(),
    };
    store.setQuery(api.index.list_messages, { channelId: channel }, [sending, ...shown]);
  });

  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.scrollTo(0, list.current.scrollHeight);
  }, [messages]);

  return (
    <section aria-label="Chat">
      <ol ref={list}>
        {messages?.toReversed().map((message) => (
          <li key={message._id} className={message.authorId === user ? "mine" : "theirs"}>
            {message.content}
          </li>
        ))}
      </ol>
      {user !== null && (
        <Form
          label="Message"
          action="Send"
          onSubmit={(content) => send({ channelId: channel, authorId: user, content })}
        />
      )}
    </section>
  );
}
