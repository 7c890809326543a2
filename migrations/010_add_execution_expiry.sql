-- When a finished execution may be removed; null: when the service's own retention is over, counted from its end.
ALTER TABLE executions ADD COLUMN expires_at TEXT;

-- The pruning, of both kinds. A row has one entry, and none before its end.
DROP INDEX executions_finished;
CREATE INDEX executions_expiring ON executions (expires_at, completed_at, id) WHERE completed_at IS NOT NULL;
