import { accessContracts } from "../../api/access-contracts.ts";
import { momentText } from "../../core/moment-text.ts";
import { on } from "../handler.ts";
import { isWhole, PageCursor } from "../page-cursor.ts";

export const auditRoutes = [
  on(accessContracts.audit, async ({ query }, { reader }) => {
    const { limit = 100, cursor, ...which } = query;
    const at = new PageCursor("audit", query);
    const found = await reader.access.audit({ ...which, limit: limit + 1, before: at.read(cursor, isWhole) ?? null });
    const lines = found.slice(0, limit);
    return {
      items: lines.map(({ at: moment, before, after, ...line }) => ({
        ...line,
        at: momentText(moment),
        before: before === null ? null : (JSON.parse(before) as unknown),
        after: after === null ? null : (JSON.parse(after) as unknown),
      })),
      next: found.length > limit ? at.at(lines.at(-1)!.id) : null,
    };
  }),
];
