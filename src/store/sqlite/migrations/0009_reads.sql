-- why: the API lists runs of a workflow by their state. Those that failed are few among those that succeeded, and were looked for among all.
-- compatible_from: 0.1.0

-- Only of these: what succeeds, as most runs do, pays nothing for it.
create index run_by_unsuccess on run (workflow, state, id) where state = 'failed' or state = 'cancelled';
