-- The execution that started this one, as JSON; null: a client did. The sweep rebuilds from it what the engine runs.
ALTER TABLE executions ADD COLUMN parent TEXT;
