-- Whose execution it is, what it runs, where it runs and which request began it.
ALTER TABLE executions ADD COLUMN tenant_id TEXT NOT NULL DEFAULT '';
ALTER TABLE executions ADD COLUMN workflow_version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE executions ADD COLUMN placement TEXT NOT NULL DEFAULT '';
ALTER TABLE executions ADD COLUMN request_id TEXT;

-- Older rows get what newer ones are made with; an older execution that still runs gets an object named like itself.
UPDATE executions SET
  tenant_id = coalesce((SELECT tenant_id FROM workflows WHERE workflows.id = executions.workflow_id), tenant_id),
  placement = 'name:' || id,
  "trigger" = coalesce("trigger", 'api'),
  started_at = coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', started_at), started_at),
  completed_at = coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', completed_at), completed_at),
  created_at = coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', created_at), created_at),
  updated_at = coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', updated_at), updated_at);

-- Lists: newest first, of one tenant, of one workflow, or of all.
CREATE INDEX executions_by_tenant ON executions (tenant_id, created_at DESC, id DESC);
CREATE INDEX executions_by_workflow ON executions (workflow_id, created_at DESC, id DESC);
CREATE INDEX executions_by_creation ON executions (created_at DESC, id DESC);

-- The sweep for executions that nobody has touched for a while. One that waits is woken by its own alarm.
CREATE INDEX executions_unfinished ON executions (updated_at, id) WHERE status IN ('pending', 'running');
-- The pruning of finished executions.
CREATE INDEX executions_finished ON executions (completed_at, id) WHERE completed_at IS NOT NULL;
