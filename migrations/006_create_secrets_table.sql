-- Secrets of tenants, encrypted. The large columns stand last: what lists show is read without them.
CREATE TABLE secrets (
  tenant_id TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  iv TEXT NOT NULL,
  ciphertext TEXT NOT NULL,
  PRIMARY KEY (tenant_id, name)
);

-- The rotation: what is encrypted under the previous key.
CREATE INDEX secrets_by_key ON secrets (key_id);
