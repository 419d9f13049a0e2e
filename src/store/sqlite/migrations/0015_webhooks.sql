-- why: addresses outside that are told of what happens. What they are told goes into the outbox of alerts, in the transaction in which it happens.
-- compatible_from: 0.1.0

create table webhook (
  id integer primary key autoincrement,
  url text not null,
  name text not null,
  -- Its name; the value is kept where secrets are.
  secret text not null,
  -- Both JSON lists; null: of all workflows, and what comes from outside.
  events text not null,
  workflows text,
  disabled integer not null,
  created_at integer not null,
  created_by text not null
) strict;

-- Of a message to a webhook: which, and what is told, as JSON. It never gathers, so it begins as one that is being tried.
alter table alert add column webhook integer;
alter table alert add column payload text;
create index alert_of_webhook on alert (webhook, state, id) where webhook is not null;

create trigger webhook_of_run after update of ended_at on run
when (new.state <> old.state or new.generation <> old.generation) and (new.state = 'succeeded' or new.state = 'failed' or new.state = 'cancelled')
  and exists (select 1 from webhook)
begin
  insert into alert (workflow, run, event, task, handler, receiver, task_run, count, at, state, due_at, once, webhook, payload)
  select w.name, new.id, 'run.' || new.state, '', 'webhook.' || h.id, h.name, 0, 1, new.ended_at, 'trying', new.ended_at,
    'webhook ' || h.id || ' run ' || new.id || ' ' || new.generation, h.id,
    json_object('state', new.state, 'generation', new.generation, 'trigger', new.trigger, 'date', new.date)
  from webhook h, workflow w
  where w.id = new.workflow and h.disabled = 0 and exists (select 1 from json_each(h.events) where value = 'run.' || new.state)
    and (h.workflows is null or exists (select 1 from json_each(h.workflows) where value = w.name))
  on conflict do nothing;
end;
create trigger webhook_of_run_born_ended after insert on run
when (new.state = 'succeeded' or new.state = 'failed' or new.state = 'cancelled') and exists (select 1 from webhook)
begin
  insert into alert (workflow, run, event, task, handler, receiver, task_run, count, at, state, due_at, once, webhook, payload)
  select w.name, new.id, 'run.' || new.state, '', 'webhook.' || h.id, h.name, 0, 1, new.ended_at, 'trying', new.ended_at,
    'webhook ' || h.id || ' run ' || new.id || ' ' || new.generation, h.id,
    json_object('state', new.state, 'generation', new.generation, 'trigger', new.trigger, 'date', new.date)
  from webhook h, workflow w
  where w.id = new.workflow and h.disabled = 0 and exists (select 1 from json_each(h.events) where value = 'run.' || new.state)
    and (h.workflows is null or exists (select 1 from json_each(h.workflows) where value = w.name))
  on conflict do nothing;
end;
create trigger webhook_of_event after insert on event
when (new.kind = 'asset' or new.kind = 'check' or new.kind = 'event') and exists (select 1 from webhook)
begin
  insert into alert (workflow, run, event, task, handler, receiver, task_run, count, at, state, due_at, once, webhook, payload)
  select w.name, new.run, e.name, '', 'webhook.' || h.id, h.name, 0, 1, new.at, 'trying', new.at,
    'webhook ' || h.id || ' event ' || new.id, h.id,
    json_object('name', new.name, 'key', new.key, 'partition', new.partition, 'payload', json(new.payload))
  from webhook h
    join (select case new.kind when 'asset' then 'asset.updated' when 'event' then 'event.emitted' else
      case json_extract(new.payload, '$.status') when 'warn' then 'check.warned' when 'fail' then 'check.failed' end end as name) e
    left join run r on r.id = new.run left join workflow w on w.id = r.workflow
  where h.disabled = 0 and exists (select 1 from json_each(h.events) where value = e.name)
    and (h.workflows is null or exists (select 1 from json_each(h.workflows) where value = w.name))
  on conflict do nothing;
end;
