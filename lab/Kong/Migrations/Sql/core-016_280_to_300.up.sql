DROP TABLE ttls;
CREATE TABLE sm_vaults (
    id uuid NOT NULL,
    ws_id uuid,
    prefix text,
    name text NOT NULL,
    description text,
    config jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    updated_at timestamp with time zone,
    tags text[]
);
ALTER TABLE sm_vaults ADD CONSTRAINT sm_vaults_id_ws_id_key UNIQUE (id, ws_id);
ALTER TABLE sm_vaults ADD CONSTRAINT sm_vaults_pkey PRIMARY KEY (id);
ALTER TABLE sm_vaults ADD CONSTRAINT sm_vaults_prefix_key UNIQUE (prefix);
ALTER TABLE sm_vaults ADD CONSTRAINT sm_vaults_prefix_ws_id_key UNIQUE (prefix, ws_id);
CREATE INDEX sm_vaults_tags_idx ON sm_vaults USING gin (tags);
CREATE TRIGGER sm_vaults_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON sm_vaults FOR EACH ROW EXECUTE PROCEDURE sync_tags();
ALTER TABLE sm_vaults ADD CONSTRAINT sm_vaults_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
INSERT INTO sm_vaults (id, ws_id, prefix, name, description, config, created_at, updated_at, tags) SELECT id, ws_id, prefix, name, description, config, created_at, updated_at, tags FROM vaults_beta;
ALTER TABLE routes ADD COLUMN expression text, ADD COLUMN priority bigint;
ALTER TABLE targets ADD COLUMN cache_key text;
ALTER TABLE targets ADD CONSTRAINT targets_cache_key_key UNIQUE (cache_key);
ALTER TABLE upstreams ADD COLUMN hash_on_query_arg text, ADD COLUMN hash_fallback_query_arg text, ADD COLUMN hash_on_uri_capture text, ADD COLUMN hash_fallback_uri_capture text;
