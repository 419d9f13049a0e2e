import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/marks.css";
import "./styles/shell.css";
import "./styles/parts.css";
import "./styles/log.css";
import "./styles/narrow.css";
import "./styles/spacious.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { CacheUpdates } from "./api/live/cache-updates.ts";
import { feed } from "./api/live/feed.ts";
import { queryClient } from "./api/query-client.ts";
import { session } from "./api/session.ts";
import { MarkShapes } from "./components/mark-shapes.tsx";
import { Gate } from "./routes/gate.tsx";
import { bringPages, router } from "./routes/router.tsx";
import { applyTheme } from "./theme.ts";

applyTheme();
feed.on(new CacheUpdates(queryClient).apply);
void session.ask();

createRoot(document.getElementById("root")!).render(
  <QueryClientProvider client={queryClient}>
    <MarkShapes />
    <Gate>
      <RouterProvider router={router} />
    </Gate>
  </QueryClientProvider>,
);

const AFTER_FIRST_MS = 3_000;
addEventListener("load", () => setTimeout(() => void bringPages(), AFTER_FIRST_MS));
