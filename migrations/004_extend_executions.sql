-- Whose execution it is, what it runs, where it runs and which request began it.
ALTER TABLE executions ADD COLUMN tenant_id TEXT NOT NULL DEFAULT '';
ALTER TABLE executions ADD COLUMN workflow_version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE executions ADD COLUMN placement TEXT;
ALTER TABLE executions ADD COLUMN request_id TEXT;

UPDATE executions
SET tenant_id = (SELECT tenant_id FROM workflows WHERE workflows.id = executions.workflow_id);

-- Lists: newest first, of one tenant, of one workflow, or of all.
CREATE INDEX executions_by_tenant ON executions (tenant_id, created_at DESC, id DESC);
CREATE INDEX executions_by_workflow ON executions (workflow_id, created_at DESC, id DESC);
CREATE INDEX executions_by_creation ON executions (created_at DESC, id DESC);

-- The sweep for executions that nobody has touched for a while.
CREATE INDEX executions_unfinished ON executions (updated_at) WHERE status IN ('pending', 'running', 'waiting');
-- The pruning of finished executions.
CREATE INDEX executions_finished ON executions (completed_at) WHERE completed_at IS NOT NULL;
