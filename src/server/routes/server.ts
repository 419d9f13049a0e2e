import { serverContracts } from "../../api/server-contracts.ts";
import { momentText } from "../../core/moment-text.ts";
import { presentProcesses } from "../../owner/present-processes.ts";
import { RELEASE } from "../../store/release.ts";
import { on } from "../handler.ts";
import { PageCursor, sliced } from "../page-cursor.ts";
import { metricsText } from "../metrics/metrics-text.ts";
import { openApiDocument } from "../openapi.ts";

const description = openApiDocument(RELEASE);

export const serverRoutes = [
  on(serverContracts.live, async () => ({ ok: true })),

  on(serverContracts.ready, async ({ http }, { reader }) => {
    const ok = await reader.identity().then(
      () => true,
      () => false,
    );
    return ok ? { ok } : http.json({ ok }, 503);
  }),

  on(serverContracts.openapi, async () => description),

  on(serverContracts.workers, async ({ query }, { config, reader }) => {
    const page = sliced(await presentProcesses(config.store, reader), query, new PageCursor("workers", query));
    const items = page.items.map(({ instance: _instance, startedAt, ...process }) => ({
      ...process,
      roles: [...process.roles],
      queues: [...process.queues],
      startedAt: momentText(startedAt),
    }));
    return { ...page, items };
  }),

  on(serverContracts.metrics, async (_, server) => metricsText(server)),
];
