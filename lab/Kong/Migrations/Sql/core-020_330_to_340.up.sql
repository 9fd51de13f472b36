CREATE TABLE filter_chains (
    id uuid NOT NULL,
    name text,
    enabled boolean DEFAULT true,
    route_id uuid,
    service_id uuid,
    ws_id uuid,
    cache_key text,
    filters jsonb[],
    tags text[],
    created_at timestamp with time zone,
    updated_at timestamp with time zone
);
ALTER TABLE filter_chains ADD CONSTRAINT filter_chains_cache_key_key UNIQUE (cache_key);
ALTER TABLE filter_chains ADD CONSTRAINT filter_chains_name_key UNIQUE (name);
ALTER TABLE filter_chains ADD CONSTRAINT filter_chains_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX filter_chains_cache_key_idx ON filter_chains (cache_key);
CREATE UNIQUE INDEX filter_chains_name_idx ON filter_chains (name);
CREATE INDEX filter_chains_tags_idx ON filter_chains USING gin (tags);
CREATE TRIGGER filter_chains_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON filter_chains FOR EACH ROW EXECUTE PROCEDURE sync_tags();
ALTER TABLE filter_chains ADD CONSTRAINT filter_chains_route_id_fkey FOREIGN KEY (route_id) REFERENCES routes(id) ON DELETE CASCADE;
ALTER TABLE filter_chains ADD CONSTRAINT filter_chains_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id) ON DELETE CASCADE;
ALTER TABLE filter_chains ADD CONSTRAINT filter_chains_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id) ON DELETE CASCADE;
ALTER TABLE ca_certificates ADD COLUMN updated_at timestamptz DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC');
ALTER TABLE certificates ADD COLUMN updated_at timestamptz DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC');
ALTER TABLE clustering_data_planes ADD COLUMN updated_at timestamptz DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC');
ALTER TABLE consumers ADD COLUMN updated_at timestamptz DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC');
ALTER TABLE plugins ADD COLUMN updated_at timestamptz DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC');
ALTER TABLE snis ADD COLUMN updated_at timestamptz DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC');
ALTER TABLE targets ADD COLUMN updated_at timestamptz DEFAULT (CURRENT_TIMESTAMP(3) AT TIME ZONE 'UTC');
ALTER TABLE upstreams ADD COLUMN updated_at timestamptz DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC');
ALTER TABLE workspaces ADD COLUMN updated_at timestamptz DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC');
