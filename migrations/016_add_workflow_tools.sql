-- The name of the tool that a workflow is for clients of MCP; null: it is none.
ALTER TABLE workflows ADD COLUMN tool TEXT;

-- The list of tools, by name and then the oldest workflow first, of one tenant or of all; and the look-up by name.
CREATE INDEX workflows_by_tool ON workflows (tool, created_at, id)
  WHERE tool IS NOT NULL AND deleted_at IS NULL AND status = 'active';
CREATE INDEX workflows_by_tenant_tool ON workflows (tenant_id, tool, created_at, id)
  WHERE tool IS NOT NULL AND deleted_at IS NULL AND status = 'active';

-- The workflows that are stored already: the name that their trigger gives, else one made from the workflow's own.
UPDATE workflows SET tool = coalesce(
  (SELECT CASE each.type WHEN 'object' THEN json_extract(each.value, '$.tool') END FROM json_each(workflows.triggers) AS each
    WHERE each.value = 'mcp' OR (each.type = 'object' AND json_extract(each.value, '$.type') = 'mcp')
    ORDER BY each.key LIMIT 1),
  (WITH RECURSIVE letters(position, letter) AS (
      SELECT 1, substr(workflows.name, 1, 1)
      UNION ALL
      SELECT position + 1, substr(workflows.name, position + 1, 1) FROM letters WHERE position < 200
    ), kept(position, letter) AS (
      SELECT position, CASE WHEN letter GLOB '[A-Za-z0-9-]' THEN lower(letter) ELSE '_' END FROM letters
      WHERE letter <> ''
    )
    SELECT coalesce(nullif(trim(substr(group_concat(letter, ''), 1, 40), '_'), ''), 'workflow') FROM (
      SELECT letter FROM kept AS this
      WHERE letter <> '_' OR NOT EXISTS (
        SELECT 1 FROM kept AS before WHERE before.position = this.position - 1 AND before.letter = '_'
      )
      ORDER BY position
    ))
)
WHERE EXISTS (SELECT 1 FROM json_each(workflows.triggers) AS each
  WHERE each.value = 'mcp' OR (each.type = 'object' AND json_extract(each.value, '$.type') = 'mcp'));
