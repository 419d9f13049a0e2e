import { eventContracts } from "../../api/event-contracts.ts";
import { readEvent } from "../../core/event.ts";
import { momentOrNull, momentText } from "../../core/moment-text.ts";
import { triggerText } from "../../core/trigger.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import type { ListedEvent } from "../../store/events.ts";
import { forbidden } from "../failure.ts";
import { on } from "../handler.ts";
import { newId, subjectOf } from "../once.ts";
import { isWhole, PageCursor, sliced } from "../page-cursor.ts";

export const eventRoutes = [
  on(eventContracts.list, async ({ query, caller }, { catalog, reader }) => {
    const { limit = 100, kind, name, workflow } = query;
    const at = new PageCursor("events", query);
    const before = at.read(query.cursor, isWhole);
    const visible = await catalog.visible(caller);
    const workflows = visible === null ? workflow : (workflow ?? [...visible]).filter((each) => visible.has(each));
    const found = await reader.listEvents({
      ...(kind === undefined ? {} : { kind }),
      ...(name === undefined ? {} : { name }),
      ...(workflows === undefined ? {} : { workflows }),
      ...(before === undefined ? {} : { before }),
      limit: limit + 1,
    });
    const items = found.slice(0, limit);
    return { items: items.map(eventDocument), next: found.length > limit ? at.at(items.at(-1)!.id) : null };
  }),

  on(eventContracts.emit, async ({ params, query, body, key, caller }, server) => {
    // Nobody starts by an event what he could not start by hand.
    if (caller.tags !== null)
      throw forbidden(`An event may start any workflow, and you are limited to those with ${caller.tags.join(", ")}.`);
    const event = readEvent({ name: params.event, payload: body, ...(query.key !== undefined && { key: query.key }) });
    const { subject, first } = await subjectOf(key, ["emit", event], newId(server), caller, server);
    const session = await server.session();
    const heard = await session.emit({ uid: `given ${subject}`, event });
    if (first) {
      const started = heard?.flatMap(({ outcome, runId }) => (outcome === "started" ? [runId] : [])) ?? [];
      await session.administer(
        { kind: "record" },
        auditEntry(caller.actor, "event.emit", event.name, null, { key: event.key, started }),
      );
    }
    return { event: event.name, key: event.key, heard: heard === null ? null : [...heard] };
  }),

  on(eventContracts.triggers, async ({ query, caller }, { catalog, reader }) => {
    const workflows = new Map(
      (await catalog.list(caller))
        .filter(({ summary: { name } }) => query.workflow === undefined || query.workflow.includes(name))
        .map((each) => [each.summary.name, each.version.manifest]),
    );
    const records = (await reader.listSubscriptions([...workflows.keys()])).flatMap((record) => {
      const rule = workflows.get(record.workflow)?.triggers?.find(({ name }) => name === record.name);
      return rule === undefined ? [] : [{ record, rule }];
    });
    const page = sliced(records, query, new PageCursor("triggers", query));
    return {
      ...page,
      items: page.items.map(({ record, rule }) => ({
        workflow: record.workflow,
        name: record.name,
        kind: record.kind,
        rule,
        text: triggerText(rule),
        paused: record.enabledSince === null,
        dueAt: momentOrNull(record.dueAt),
        held: record.held,
      })),
    };
  }),
];

/** An event as the API shows it. */
export const eventDocument = ({ at, payload, ...event }: ListedEvent) => ({
  ...event,
  at: momentText(at),
  payload: payload === null ? null : (JSON.parse(payload) as unknown),
});
