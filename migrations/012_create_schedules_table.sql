-- The schedules of the stored workflows. `key` is the expression and the zone: a schedule that only moves among the triggers
-- stays the same one. `next_fire_at` is null while it is paused or its workflow inactive.
CREATE TABLE schedules (
  workflow_id TEXT NOT NULL REFERENCES workflows(id),
  key TEXT NOT NULL,
  number INTEGER NOT NULL,
  cron TEXT NOT NULL,
  timezone TEXT NOT NULL,
  overlap TEXT NOT NULL,
  catch_up TEXT NOT NULL,
  paused INTEGER NOT NULL DEFAULT 0,
  next_fire_at TEXT,
  last_execution_id TEXT,
  inputs TEXT NOT NULL,
  PRIMARY KEY (workflow_id, key)
);
CREATE INDEX schedules_due ON schedules (next_fire_at) WHERE next_fire_at IS NOT NULL;

-- The ledger: what became of each time of a schedule.
CREATE TABLE fires (
  workflow_id TEXT NOT NULL,
  key TEXT NOT NULL,
  fire_at TEXT NOT NULL,
  number INTEGER NOT NULL,
  until TEXT,
  status TEXT NOT NULL,
  reason TEXT,
  late_ms INTEGER,
  execution_id TEXT,
  recorded_at TEXT NOT NULL,
  taken_at TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (workflow_id, key, fire_at)
) WITHOUT ROWID;
-- Lists: those of a workflow, newest first. The pruning. Those about to be started: the next ones, and of a workflow.
CREATE INDEX fires_by_workflow ON fires (workflow_id, fire_at DESC, key DESC);
CREATE INDEX fires_by_time ON fires (fire_at);
CREATE INDEX fires_due ON fires (taken_at, fire_at) WHERE status = 'due';
CREATE INDEX fires_due_by_workflow ON fires (workflow_id, key) WHERE status = 'due';

-- The schedules that are stored already begin now: the first tick finds their next time.
INSERT INTO schedules (workflow_id, key, number, cron, timezone, overlap, catch_up, next_fire_at, inputs)
SELECT id, name || CASE alike WHEN 1 THEN '' ELSE ' #' || alike END, number, cron, timezone, overlap, catch_up,
  CASE status WHEN 'active' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') END, inputs
FROM (
  SELECT *, cron || ' ' || timezone AS name,
    row_number() OVER (PARTITION BY id, cron, timezone ORDER BY number) AS alike
  FROM (
    SELECT workflows.id, workflows.status, each.key AS number,
      json_extract(each.value, '$.cron') AS cron,
      coalesce(json_extract(each.value, '$.timezone'), 'UTC') AS timezone,
      coalesce(json_extract(each.value, '$.overlap'), 'skip') AS overlap,
      coalesce(json_extract(each.value, '$.catchUp'), 'none') AS catch_up,
      coalesce(json_extract(each.value, '$.inputs'), '{}') AS inputs
    FROM workflows, json_each(workflows.triggers) AS each
    WHERE workflows.deleted_at IS NULL AND each.type = 'object' AND json_extract(each.value, '$.type') = 'schedule'
  )
);
