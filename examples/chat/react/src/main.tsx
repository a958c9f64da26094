import { ConvexProvider, ConvexReactClient } from "convex/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import "./style.css";

const backend =
  new URLSearchParams(location.search).get("backend") ?? "http://127.0.0.1:3210";
const client = new ConvexReactClient(backend, { skipConvexDeploymentUrlCheck: true });

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <ConvexProvider client={client}>
      <App />
    </ConvexProvider>
  </StrictMode>,
);
