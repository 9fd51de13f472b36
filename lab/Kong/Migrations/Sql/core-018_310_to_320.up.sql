CREATE TABLE key_sets (
    id uuid NOT NULL,
    name text,
    tags text[],
    ws_id uuid,
    created_at timestamp with time zone,
    updated_at timestamp with time zone
);
CREATE TABLE keys (
    id uuid NOT NULL,
    set_id uuid,
    name text,
    cache_key text,
    ws_id uuid,
    kid text,
    jwk text,
    pem jsonb,
    tags text[],
    created_at timestamp with time zone,
    updated_at timestamp with time zone
);
ALTER TABLE key_sets ADD CONSTRAINT key_sets_name_key UNIQUE (name);
ALTER TABLE key_sets ADD CONSTRAINT key_sets_pkey PRIMARY KEY (id);
ALTER TABLE keys ADD CONSTRAINT keys_cache_key_key UNIQUE (cache_key);
ALTER TABLE keys ADD CONSTRAINT keys_kid_set_id_key UNIQUE (kid, set_id);
ALTER TABLE keys ADD CONSTRAINT keys_name_key UNIQUE (name);
ALTER TABLE keys ADD CONSTRAINT keys_pkey PRIMARY KEY (id);
CREATE INDEX key_sets_tags_idx ON key_sets USING gin (tags);
CREATE INDEX keys_fkey_key_sets ON keys (set_id);
CREATE INDEX keys_tags_idx ON keys USING gin (tags);
CREATE TRIGGER key_sets_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON key_sets FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER keys_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON keys FOR EACH ROW EXECUTE PROCEDURE sync_tags();
ALTER TABLE key_sets ADD CONSTRAINT key_sets_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE keys ADD CONSTRAINT keys_set_id_fkey FOREIGN KEY (set_id) REFERENCES key_sets(id) ON DELETE CASCADE;
ALTER TABLE keys ADD CONSTRAINT keys_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE plugins ADD COLUMN instance_name text;
ALTER TABLE plugins ADD CONSTRAINT plugins_ws_id_instance_name_unique UNIQUE (ws_id, instance_name);
