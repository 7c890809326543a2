-- Every change makes a new version; a deleted workflow keeps its row for its executions.
ALTER TABLE workflows ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE workflows ADD COLUMN deleted_at TEXT;

-- Lists: newest first, of one tenant or of all.
CREATE INDEX workflows_by_tenant ON workflows (tenant_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX workflows_by_creation ON workflows (created_at DESC, id DESC) WHERE deleted_at IS NULL;
