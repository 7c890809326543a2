-- Every change makes a new version; a deleted workflow keeps its row for its executions.
ALTER TABLE workflows ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE workflows ADD COLUMN deleted_at TEXT;

-- From here on triggers are always a JSON array, and times RFC 3339, UTC, with milliseconds: they sort as text.
UPDATE workflows SET
  triggers = coalesce(triggers, '[]'),
  created_at = coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', created_at), created_at),
  updated_at = coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', updated_at), updated_at);

-- Lists: newest first, of one tenant or of all.
CREATE INDEX workflows_by_tenant ON workflows (tenant_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX workflows_by_creation ON workflows (created_at DESC, id DESC) WHERE deleted_at IS NULL;
