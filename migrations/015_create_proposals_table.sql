-- Changes of workflows that wait for a person's yes. The definition stands last: lists are read without it.
CREATE TABLE proposals (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  workflow_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  base_version INTEGER,
  base_status TEXT,
  status TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  request_id TEXT,
  decided_by TEXT,
  decided_at TEXT,
  version INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  name TEXT NOT NULL,
  reason TEXT,
  definition TEXT NOT NULL
);

-- Lists: newest first, of one tenant or of all; of a tenant those of one status, which are counted as well; of a workflow.
CREATE INDEX proposals_by_tenant ON proposals (tenant_id, created_at DESC, id DESC);
CREATE INDEX proposals_by_status ON proposals (tenant_id, status, created_at DESC, id DESC);
CREATE INDEX proposals_by_workflow ON proposals (workflow_id, created_at DESC, id DESC);
CREATE INDEX proposals_by_creation ON proposals (created_at DESC, id DESC);
-- The pruning.
CREATE INDEX proposals_by_age ON proposals (updated_at);
