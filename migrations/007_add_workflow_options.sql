-- The optional members of a definition (inputSchema, outputs, settings) as one JSON object.
ALTER TABLE workflows ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
