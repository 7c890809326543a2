-- The requests that came to webhooks and were let in. The large columns stand last: lists are read without them.
CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,
  workflow_id TEXT NOT NULL REFERENCES workflows(id),
  delivery_key TEXT NOT NULL,
  status TEXT NOT NULL,
  execution_id TEXT,
  redelivery_of TEXT,
  received_at TEXT NOT NULL,
  error TEXT,
  query TEXT NOT NULL,
  headers TEXT NOT NULL,
  body TEXT NOT NULL
);

-- A sender's id of a delivery counts once for each workflow.
CREATE UNIQUE INDEX webhook_deliveries_by_key ON webhook_deliveries (workflow_id, delivery_key);
-- The list of a workflow's deliveries, newest first, and the pruning.
CREATE INDEX webhook_deliveries_by_workflow ON webhook_deliveries (workflow_id, received_at DESC, id DESC);
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (received_at);

-- The part of a webhook's path that nobody can guess, of workflows whose webhook checks no signature.
CREATE TABLE webhook_tokens (
  workflow_id TEXT PRIMARY KEY REFERENCES workflows(id),
  token TEXT NOT NULL
) WITHOUT ROWID;

-- What expressions see of the trigger besides its type, as JSON; null: nothing.
ALTER TABLE executions ADD COLUMN trigger_data TEXT;
