-- Every version of a definition, as JSON: an execution keeps the one it started with.
CREATE TABLE workflow_versions (
  workflow_id TEXT NOT NULL REFERENCES workflows(id),
  version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (workflow_id, version)
) WITHOUT ROWID;

INSERT INTO workflow_versions (workflow_id, version, definition, created_at)
SELECT id, version, json_object('name', name, 'description', description, 'steps', json(steps), 'triggers', json(coalesce(triggers, '[]'))), updated_at
FROM workflows;
