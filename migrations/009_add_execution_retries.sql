-- The execution that a retry follows, and the step that it was told to begin with.
ALTER TABLE executions ADD COLUMN retry_of TEXT;
ALTER TABLE executions ADD COLUMN retry_from TEXT;
