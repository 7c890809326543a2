-- API keys that operators make. A key itself is not stored: `digest` is its SHA-256, `prefix` how it begins.
-- `scopes` and `workflows` hold JSON; without a tenant it is an operator's key.
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  tenant_id TEXT,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  prefix TEXT NOT NULL,
  scopes TEXT NOT NULL,
  workflows TEXT,
  expires_at TEXT,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  last_used_at TEXT
);

-- Authentication.
CREATE UNIQUE INDEX api_keys_by_digest ON api_keys (digest);
-- Lists: newest first, of one tenant or of all; and how many a tenant has.
CREATE INDEX api_keys_by_tenant ON api_keys (tenant_id, created_at DESC, id DESC);
CREATE INDEX api_keys_by_creation ON api_keys (created_at DESC, id DESC);
