-- The list of a workflow's versions is read from the index alone: the definitions may be large.
ALTER TABLE workflow_versions ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE workflow_versions SET name = json_extract(definition, '$.name');
CREATE INDEX workflow_versions_by_workflow ON workflow_versions (workflow_id, version DESC, created_at, name);
