-- why: whoever left a command has to hear that it was refused, and why: of two who retry a run at once, only one has done it.
-- compatible_from: 0.1.0

-- As JSON; null: it waits. A refused one stays for as long as somebody may look.
alter table command add column refusal text;
