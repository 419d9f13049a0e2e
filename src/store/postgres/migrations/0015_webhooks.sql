-- why: addresses outside that are told of what happens. What they are told goes into the outbox of alerts, in the transaction in which it happens.
-- compatible_from: 0.1.0

create table tutti.webhook (
  id bigint generated always as identity primary key,
  url text not null,
  name text not null,
  -- Its name; the value is kept where secrets are.
  secret text not null,
  -- Both JSON lists; null: of all workflows, and what comes from outside.
  events text not null,
  workflows text,
  disabled boolean not null,
  created_at timestamptz not null,
  created_by text not null
);

-- Of a message to a webhook: which, and what is told, as JSON. It never gathers, so it begins as one that is being tried.
alter table tutti.alert add column webhook bigint, add column payload text;
create index alert_of_webhook on tutti.alert (webhook, state, id) where webhook is not null;

-- Without a webhook, a look at an empty table is all that it costs.
create function tutti.tell_webhooks(p_event text, p_workflow text, p_run text, p_at timestamptz, p_once text, p_payload json) returns void language sql as $$
  insert into tutti.alert (workflow, run, event, task, handler, receiver, task_run, count, at, state, due_at, once, webhook, payload)
  select p_workflow, p_run, p_event, '', 'webhook.' || h.id, h.name, 0, 1, p_at, 'trying', p_at, 'webhook ' || h.id || ' ' || p_once, h.id, p_payload::text
  from tutti.webhook h
  where not h.disabled and p_event in (select json_array_elements_text(h.events::json))
    and (h.workflows is null or p_workflow in (select json_array_elements_text(h.workflows::json)))
  on conflict do nothing
$$;

create function tutti.webhook_of_run() returns trigger language plpgsql as $$
begin
  if exists (select from tutti.webhook) then
    perform tutti.tell_webhooks('run.' || new.state, w.name, tutti.run_id_text(new.id), coalesce(new.ended_at, now()),
      'run ' || tutti.run_id_text(new.id) || ' ' || new.generation,
      json_build_object('state', new.state, 'generation', new.generation, 'trigger', new.trigger, 'date', new.date))
    from tutti.workflow w where w.id = new.workflow;
  end if;
  return null;
end $$;
create trigger webhook_of_run after update of state on tutti.run for each row
  when ((new.state <> old.state or new.generation <> old.generation) and new.state in ('succeeded', 'failed', 'cancelled'))
  execute function tutti.webhook_of_run();
create trigger webhook_of_run_born_ended after insert on tutti.run for each row
  when (new.state in ('succeeded', 'failed', 'cancelled')) execute function tutti.webhook_of_run();

create function tutti.webhook_of_event() returns trigger language plpgsql as $$
begin
  if exists (select from tutti.webhook) then
    perform tutti.tell_webhooks(
      case new.kind when 'asset' then 'asset.updated' when 'event' then 'event.emitted' else
        case new.payload::json ->> 'status' when 'warn' then 'check.warned' when 'fail' then 'check.failed' end end,
      (select w.name from tutti.run r join tutti.workflow w on w.id = r.workflow where r.id = new.run),
      tutti.run_id_text(new.run), new.at, 'event ' || new.id,
      json_build_object('name', new.name, 'key', new.key, 'partition', new.partition, 'payload', new.payload::json));
  end if;
  return null;
end $$;
create trigger webhook_of_event after insert on tutti.event for each row
  when (new.kind in ('asset', 'check', 'event')) execute function tutti.webhook_of_event();
