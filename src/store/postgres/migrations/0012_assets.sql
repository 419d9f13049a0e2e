-- why: what each check of an asset found last is asked for with every list of assets, and what it found before, page by page.
-- compatible_from: 0.1.0

create index event_of_check on tutti.event (name, key, id) where kind = 'check';
