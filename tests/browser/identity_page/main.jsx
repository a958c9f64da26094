import {
  ConvexProviderWithAuth,
  ConvexReactClient,
  useAction,
  useConvexAuth,
  useQuery,
} from "convex/react";
import { anyApi } from "convex/server";
import { useCallback, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";

const client = new ConvexReactClient(new URLSearchParams(location.search).get("backend"), {
  skipConvexDeploymentUrlCheck: true,
});

/** The test plays the identity provider: it decides what `window.fetchToken` returns. */
function makeUseAuth(user) {
  return function useAuth() {
    const fetchAccessToken = useCallback(
      ({ forceRefreshToken }) => window.fetchToken(user, forceRefreshToken),
      [],
    );
    return useMemo(
      () => ({ isLoading: false, isAuthenticated: user !== null, fetchAccessToken }),
      [fetchAccessToken],
    );
  };
}

function WhoAmI() {
  const { isLoading, isAuthenticated } = useConvexAuth();
  const seenByQuery = useQuery(anyApi.whoami.in_query);
  const askAction = useAction(anyApi.whoami.in_action);
  const [seenByAction, setSeenByAction] = useState("");
  return (
    <>
      <p role="status">{isLoading ? "loading" : isAuthenticated ? "signed in" : "signed out"}</p>
      <p aria-label="query">{seenByQuery}</p>
      <p aria-label="action">{seenByAction}</p>
      <button onClick={async () => setSeenByAction(await askAction())}>Ask the action</button>
    </>
  );
}

function App() {
  const [user, setUser] = useState(null);
  const useAuth = useMemo(() => makeUseAuth(user), [user]);
  return (
    <>
      <button onClick={() => setUser("ada")}>Sign in as Ada</button>
      <button onClick={() => setUser("ben")}>Sign in as Ben</button>
      <button onClick={() => setUser(null)}>Sign out</button>
      <ConvexProviderWithAuth key={user} client={client} useAuth={useAuth}>
        <WhoAmI />
      </ConvexProviderWithAuth>
    </>
  );
}

createRoot(document.getElementById("root")).render(<App />);
