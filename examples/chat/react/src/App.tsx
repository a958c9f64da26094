import { useConvexConnectionState, useMutation } from "convex/react";
import { useState } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { Chat } from "./Chat";
import { Form } from "./Form";
import { History } from "./History";

type ChannelId = Id<"channels">;
type UserId = Id<"users">;

export function App() {
  const [channel, setChannel] = useState((location.hash.slice(1) || null) as ChannelId | null);
  const [user, setUser] = useState<UserId | null>(null);
  const { isWebSocketConnected } = useConvexConnectionState();
  const createChannel = useMutation(api.index.create_channel);
  const createUser = useMutation(api.index.create_user);

  async function join(name: string) {
    if (channel === null) {
      const created = await createChannel({ name: "general" });
      location.hash = created;
      setChannel(created);
    }
    setUser(await createUser({ name }));
  }

  return (
    <>
      <header>
        <h1>Live chat</h1>
        <span role="status" className={isWebSocketConnected ? "live" : "waiting"}>
          {isWebSocketConnected ? "live" : "connecting…"}
        </span>
      </header>
      {user === null && <Form label="Your name" action="Join" onSubmit={join} />}
      {channel !== null && (
        <main>
          <Chat channel={channel} user={user} />
          <History channel={channel} />
        </main>
      )}
    </>
  );
}
