-- Tables, indexes, functions and triggers of a Kong 2.8.5 database; created in the first schema of the search path.
CREATE FUNCTION sync_tags() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
        BEGIN
          IF (TG_OP = 'TRUNCATE') THEN
            DELETE FROM tags WHERE entity_name = TG_TABLE_NAME;
            RETURN NULL;
          ELSIF (TG_OP = 'DELETE') THEN
            DELETE FROM tags WHERE entity_id = OLD.id;
            RETURN OLD;
          ELSE

          -- Triggered by INSERT/UPDATE
          -- Do an upsert on the tags table
          -- So we don't need to migrate pre 1.1 entities
          INSERT INTO tags VALUES (NEW.id, TG_TABLE_NAME, NEW.tags)
          ON CONFLICT (entity_id) DO UPDATE
                  SET tags=EXCLUDED.tags;
          END IF;
          RETURN NEW;
        END;
      $$;
CREATE TABLE acls (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    consumer_id uuid,
    "group" text,
    cache_key text,
    tags text[],
    ws_id uuid
);
CREATE TABLE acme_storage (
    id uuid NOT NULL,
    key text,
    value text,
    created_at timestamp with time zone,
    ttl timestamp with time zone
);
CREATE TABLE basicauth_credentials (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    consumer_id uuid,
    username text,
    password text,
    tags text[],
    ws_id uuid
);
CREATE TABLE ca_certificates (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    cert text NOT NULL,
    tags text[],
    cert_digest text NOT NULL
);
CREATE TABLE certificates (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    cert text,
    key text,
    tags text[],
    ws_id uuid,
    cert_alt text,
    key_alt text
);
CREATE TABLE cluster_events (
    id uuid NOT NULL,
    node_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    nbf timestamp with time zone,
    expire_at timestamp with time zone NOT NULL,
    channel text,
    data text
);
CREATE TABLE clustering_data_planes (
    id uuid NOT NULL,
    hostname text NOT NULL,
    ip text NOT NULL,
    last_seen timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    config_hash text NOT NULL,
    ttl timestamp with time zone,
    version text,
    sync_status text DEFAULT 'unknown'::text NOT NULL
);
CREATE TABLE consumers (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    username text,
    custom_id text,
    tags text[],
    ws_id uuid
);
CREATE TABLE hmacauth_credentials (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    consumer_id uuid,
    username text,
    secret text,
    tags text[],
    ws_id uuid
);
CREATE TABLE jwt_secrets (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    consumer_id uuid,
    key text,
    secret text,
    algorithm text,
    rsa_public_key text,
    tags text[],
    ws_id uuid
);
CREATE TABLE keyauth_credentials (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    consumer_id uuid,
    key text,
    tags text[],
    ttl timestamp with time zone,
    ws_id uuid
);
CREATE TABLE locks (
    key text NOT NULL,
    owner text,
    ttl timestamp with time zone
);
CREATE TABLE oauth2_authorization_codes (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    credential_id uuid,
    service_id uuid,
    code text,
    authenticated_userid text,
    scope text,
    ttl timestamp with time zone,
    challenge text,
    challenge_method text,
    ws_id uuid
);
CREATE TABLE oauth2_credentials (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    name text,
    consumer_id uuid,
    client_id text,
    client_secret text,
    redirect_uris text[],
    tags text[],
    client_type text,
    hash_secret boolean,
    ws_id uuid
);
CREATE TABLE oauth2_tokens (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    credential_id uuid,
    service_id uuid,
    access_token text,
    refresh_token text,
    token_type text,
    expires_in integer,
    authenticated_userid text,
    scope text,
    ttl timestamp with time zone,
    ws_id uuid
);
CREATE TABLE parameters (
    key text NOT NULL,
    value text NOT NULL,
    created_at timestamp with time zone
);
CREATE TABLE plugins (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    name text NOT NULL,
    consumer_id uuid,
    service_id uuid,
    route_id uuid,
    config jsonb NOT NULL,
    enabled boolean NOT NULL,
    cache_key text,
    protocols text[],
    tags text[],
    ws_id uuid
);
CREATE TABLE ratelimiting_metrics (
    identifier text NOT NULL,
    period text NOT NULL,
    period_date timestamp with time zone NOT NULL,
    service_id uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    route_id uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    value integer,
    ttl timestamp with time zone
);
CREATE TABLE response_ratelimiting_metrics (
    identifier text NOT NULL,
    period text NOT NULL,
    period_date timestamp with time zone NOT NULL,
    service_id uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    route_id uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    value integer
);
CREATE TABLE routes (
    id uuid NOT NULL,
    created_at timestamp with time zone,
    updated_at timestamp with time zone,
    name text,
    service_id uuid,
    protocols text[],
    methods text[],
    hosts text[],
    paths text[],
    snis text[],
    sources jsonb[],
    destinations jsonb[],
    regex_priority bigint,
    strip_path boolean,
    preserve_host boolean,
    tags text[],
    https_redirect_status_code integer,
    headers jsonb,
    path_handling text DEFAULT 'v0'::text,
    ws_id uuid,
    request_buffering boolean,
    response_buffering boolean
);
CREATE TABLE schema_meta (
    key text NOT NULL,
    subsystem text NOT NULL,
    last_executed text,
    executed text[],
    pending text[]
);
CREATE TABLE services (
    id uuid NOT NULL,
    created_at timestamp with time zone,
    updated_at timestamp with time zone,
    name text,
    retries bigint,
    protocol text,
    host text,
    port bigint,
    path text,
    connect_timeout bigint,
    write_timeout bigint,
    read_timeout bigint,
    tags text[],
    client_certificate_id uuid,
    tls_verify boolean,
    tls_verify_depth smallint,
    ca_certificates uuid[],
    ws_id uuid,
    enabled boolean DEFAULT true
);
CREATE TABLE sessions (
    id uuid NOT NULL,
    session_id text,
    expires integer,
    data text,
    created_at timestamp with time zone,
    ttl timestamp with time zone
);
CREATE TABLE snis (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    name text NOT NULL,
    certificate_id uuid,
    tags text[],
    ws_id uuid
);
CREATE TABLE tags (
    entity_id uuid NOT NULL,
    entity_name text,
    tags text[]
);
CREATE TABLE targets (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(3) AT TIME ZONE 'UTC'::text),
    upstream_id uuid,
    target text NOT NULL,
    weight integer NOT NULL,
    tags text[],
    ws_id uuid
);
CREATE TABLE ttls (
    primary_key_value text NOT NULL,
    primary_uuid_value uuid,
    table_name text NOT NULL,
    primary_key_name text NOT NULL,
    expire_at timestamp without time zone NOT NULL
);
CREATE TABLE upstreams (
    id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(3) AT TIME ZONE 'UTC'::text),
    name text,
    hash_on text,
    hash_fallback text,
    hash_on_header text,
    hash_fallback_header text,
    hash_on_cookie text,
    hash_on_cookie_path text,
    slots integer NOT NULL,
    healthchecks jsonb,
    tags text[],
    algorithm text,
    host_header text,
    client_certificate_id uuid,
    ws_id uuid
);
CREATE TABLE vaults_beta (
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
CREATE TABLE workspaces (
    id uuid NOT NULL,
    name text,
    comment text,
    created_at timestamp with time zone DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'::text),
    meta jsonb,
    config jsonb
);
ALTER TABLE acls ADD CONSTRAINT acls_cache_key_key UNIQUE (cache_key);
ALTER TABLE acls ADD CONSTRAINT acls_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE acls ADD CONSTRAINT acls_pkey PRIMARY KEY (id);
ALTER TABLE acme_storage ADD CONSTRAINT acme_storage_key_key UNIQUE (key);
ALTER TABLE acme_storage ADD CONSTRAINT acme_storage_pkey PRIMARY KEY (id);
ALTER TABLE basicauth_credentials ADD CONSTRAINT basicauth_credentials_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE basicauth_credentials ADD CONSTRAINT basicauth_credentials_pkey PRIMARY KEY (id);
ALTER TABLE basicauth_credentials ADD CONSTRAINT basicauth_credentials_ws_id_username_unique UNIQUE (ws_id, username);
ALTER TABLE ca_certificates ADD CONSTRAINT ca_certificates_cert_digest_key UNIQUE (cert_digest);
ALTER TABLE ca_certificates ADD CONSTRAINT ca_certificates_pkey PRIMARY KEY (id);
ALTER TABLE certificates ADD CONSTRAINT certificates_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE certificates ADD CONSTRAINT certificates_pkey PRIMARY KEY (id);
ALTER TABLE cluster_events ADD CONSTRAINT cluster_events_pkey PRIMARY KEY (id);
ALTER TABLE clustering_data_planes ADD CONSTRAINT clustering_data_planes_pkey PRIMARY KEY (id);
ALTER TABLE consumers ADD CONSTRAINT consumers_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE consumers ADD CONSTRAINT consumers_pkey PRIMARY KEY (id);
ALTER TABLE consumers ADD CONSTRAINT consumers_ws_id_custom_id_unique UNIQUE (ws_id, custom_id);
ALTER TABLE consumers ADD CONSTRAINT consumers_ws_id_username_unique UNIQUE (ws_id, username);
ALTER TABLE hmacauth_credentials ADD CONSTRAINT hmacauth_credentials_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE hmacauth_credentials ADD CONSTRAINT hmacauth_credentials_pkey PRIMARY KEY (id);
ALTER TABLE hmacauth_credentials ADD CONSTRAINT hmacauth_credentials_ws_id_username_unique UNIQUE (ws_id, username);
ALTER TABLE jwt_secrets ADD CONSTRAINT jwt_secrets_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE jwt_secrets ADD CONSTRAINT jwt_secrets_pkey PRIMARY KEY (id);
ALTER TABLE jwt_secrets ADD CONSTRAINT jwt_secrets_ws_id_key_unique UNIQUE (ws_id, key);
ALTER TABLE keyauth_credentials ADD CONSTRAINT keyauth_credentials_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE keyauth_credentials ADD CONSTRAINT keyauth_credentials_pkey PRIMARY KEY (id);
ALTER TABLE keyauth_credentials ADD CONSTRAINT keyauth_credentials_ws_id_key_unique UNIQUE (ws_id, key);
ALTER TABLE locks ADD CONSTRAINT locks_pkey PRIMARY KEY (key);
ALTER TABLE oauth2_authorization_codes ADD CONSTRAINT oauth2_authorization_codes_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE oauth2_authorization_codes ADD CONSTRAINT oauth2_authorization_codes_pkey PRIMARY KEY (id);
ALTER TABLE oauth2_authorization_codes ADD CONSTRAINT oauth2_authorization_codes_ws_id_code_unique UNIQUE (ws_id, code);
ALTER TABLE oauth2_credentials ADD CONSTRAINT oauth2_credentials_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE oauth2_credentials ADD CONSTRAINT oauth2_credentials_pkey PRIMARY KEY (id);
ALTER TABLE oauth2_credentials ADD CONSTRAINT oauth2_credentials_ws_id_client_id_unique UNIQUE (ws_id, client_id);
ALTER TABLE oauth2_tokens ADD CONSTRAINT oauth2_tokens_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE oauth2_tokens ADD CONSTRAINT oauth2_tokens_pkey PRIMARY KEY (id);
ALTER TABLE oauth2_tokens ADD CONSTRAINT oauth2_tokens_ws_id_access_token_unique UNIQUE (ws_id, access_token);
ALTER TABLE oauth2_tokens ADD CONSTRAINT oauth2_tokens_ws_id_refresh_token_unique UNIQUE (ws_id, refresh_token);
ALTER TABLE parameters ADD CONSTRAINT parameters_pkey PRIMARY KEY (key);
ALTER TABLE plugins ADD CONSTRAINT plugins_cache_key_key UNIQUE (cache_key);
ALTER TABLE plugins ADD CONSTRAINT plugins_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE plugins ADD CONSTRAINT plugins_pkey PRIMARY KEY (id);
ALTER TABLE ratelimiting_metrics ADD CONSTRAINT ratelimiting_metrics_pkey PRIMARY KEY (identifier, period, period_date, service_id, route_id);
ALTER TABLE response_ratelimiting_metrics ADD CONSTRAINT response_ratelimiting_metrics_pkey PRIMARY KEY (identifier, period, period_date, service_id, route_id);
ALTER TABLE routes ADD CONSTRAINT routes_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE routes ADD CONSTRAINT routes_pkey PRIMARY KEY (id);
ALTER TABLE routes ADD CONSTRAINT routes_ws_id_name_unique UNIQUE (ws_id, name);
ALTER TABLE schema_meta ADD CONSTRAINT schema_meta_pkey PRIMARY KEY (key, subsystem);
ALTER TABLE services ADD CONSTRAINT services_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE services ADD CONSTRAINT services_pkey PRIMARY KEY (id);
ALTER TABLE services ADD CONSTRAINT services_ws_id_name_unique UNIQUE (ws_id, name);
ALTER TABLE sessions ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);
ALTER TABLE sessions ADD CONSTRAINT sessions_session_id_key UNIQUE (session_id);
ALTER TABLE snis ADD CONSTRAINT snis_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE snis ADD CONSTRAINT snis_name_key UNIQUE (name);
ALTER TABLE snis ADD CONSTRAINT snis_pkey PRIMARY KEY (id);
ALTER TABLE tags ADD CONSTRAINT tags_pkey PRIMARY KEY (entity_id);
ALTER TABLE targets ADD CONSTRAINT targets_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE targets ADD CONSTRAINT targets_pkey PRIMARY KEY (id);
ALTER TABLE ttls ADD CONSTRAINT ttls_pkey PRIMARY KEY (primary_key_value, table_name);
ALTER TABLE upstreams ADD CONSTRAINT upstreams_id_ws_id_unique UNIQUE (id, ws_id);
ALTER TABLE upstreams ADD CONSTRAINT upstreams_pkey PRIMARY KEY (id);
ALTER TABLE upstreams ADD CONSTRAINT upstreams_ws_id_name_unique UNIQUE (ws_id, name);
ALTER TABLE vaults_beta ADD CONSTRAINT vaults_beta_id_ws_id_key UNIQUE (id, ws_id);
ALTER TABLE vaults_beta ADD CONSTRAINT vaults_beta_pkey PRIMARY KEY (id);
ALTER TABLE vaults_beta ADD CONSTRAINT vaults_beta_prefix_key UNIQUE (prefix);
ALTER TABLE vaults_beta ADD CONSTRAINT vaults_beta_prefix_ws_id_key UNIQUE (prefix, ws_id);
ALTER TABLE workspaces ADD CONSTRAINT workspaces_name_key UNIQUE (name);
ALTER TABLE workspaces ADD CONSTRAINT workspaces_pkey PRIMARY KEY (id);
CREATE INDEX acls_consumer_id_idx ON acls (consumer_id);
CREATE INDEX acls_group_idx ON acls ("group");
CREATE INDEX acls_tags_idex_tags_idx ON acls USING gin (tags);
CREATE INDEX basicauth_consumer_id_idx ON basicauth_credentials (consumer_id);
CREATE INDEX basicauth_tags_idex_tags_idx ON basicauth_credentials USING gin (tags);
CREATE INDEX certificates_tags_idx ON certificates USING gin (tags);
CREATE INDEX cluster_events_at_idx ON cluster_events (at);
CREATE INDEX cluster_events_channel_idx ON cluster_events (channel);
CREATE INDEX cluster_events_expire_at_idx ON cluster_events (expire_at);
CREATE INDEX clustering_data_planes_ttl_idx ON clustering_data_planes (ttl);
CREATE INDEX consumers_tags_idx ON consumers USING gin (tags);
CREATE INDEX consumers_username_idx ON consumers (lower(username));
CREATE INDEX hmacauth_credentials_consumer_id_idx ON hmacauth_credentials (consumer_id);
CREATE INDEX hmacauth_tags_idex_tags_idx ON hmacauth_credentials USING gin (tags);
CREATE INDEX jwt_secrets_consumer_id_idx ON jwt_secrets (consumer_id);
CREATE INDEX jwt_secrets_secret_idx ON jwt_secrets (secret);
CREATE INDEX jwtsecrets_tags_idex_tags_idx ON jwt_secrets USING gin (tags);
CREATE INDEX keyauth_credentials_consumer_id_idx ON keyauth_credentials (consumer_id);
CREATE INDEX keyauth_credentials_ttl_idx ON keyauth_credentials (ttl);
CREATE INDEX keyauth_tags_idex_tags_idx ON keyauth_credentials USING gin (tags);
CREATE INDEX locks_ttl_idx ON locks (ttl);
CREATE INDEX oauth2_authorization_codes_authenticated_userid_idx ON oauth2_authorization_codes (authenticated_userid);
CREATE INDEX oauth2_authorization_codes_ttl_idx ON oauth2_authorization_codes (ttl);
CREATE INDEX oauth2_authorization_credential_id_idx ON oauth2_authorization_codes (credential_id);
CREATE INDEX oauth2_authorization_service_id_idx ON oauth2_authorization_codes (service_id);
CREATE INDEX oauth2_credentials_consumer_id_idx ON oauth2_credentials (consumer_id);
CREATE INDEX oauth2_credentials_secret_idx ON oauth2_credentials (client_secret);
CREATE INDEX oauth2_credentials_tags_idex_tags_idx ON oauth2_credentials USING gin (tags);
CREATE INDEX oauth2_tokens_authenticated_userid_idx ON oauth2_tokens (authenticated_userid);
CREATE INDEX oauth2_tokens_credential_id_idx ON oauth2_tokens (credential_id);
CREATE INDEX oauth2_tokens_service_id_idx ON oauth2_tokens (service_id);
CREATE INDEX oauth2_tokens_ttl_idx ON oauth2_tokens (ttl);
CREATE INDEX plugins_consumer_id_idx ON plugins (consumer_id);
CREATE INDEX plugins_name_idx ON plugins (name);
CREATE INDEX plugins_route_id_idx ON plugins (route_id);
CREATE INDEX plugins_service_id_idx ON plugins (service_id);
CREATE INDEX plugins_tags_idx ON plugins USING gin (tags);
CREATE INDEX ratelimiting_metrics_idx ON ratelimiting_metrics (service_id, route_id, period_date, period);
CREATE INDEX ratelimiting_metrics_ttl_idx ON ratelimiting_metrics (ttl);
CREATE INDEX routes_service_id_idx ON routes (service_id);
CREATE INDEX routes_tags_idx ON routes USING gin (tags);
CREATE INDEX services_fkey_client_certificate ON services (client_certificate_id);
CREATE INDEX services_tags_idx ON services USING gin (tags);
CREATE INDEX session_sessions_expires_idx ON sessions (expires);
CREATE INDEX sessions_ttl_idx ON sessions (ttl);
CREATE INDEX snis_certificate_id_idx ON snis (certificate_id);
CREATE INDEX snis_tags_idx ON snis USING gin (tags);
CREATE INDEX tags_entity_name_idx ON tags (entity_name);
CREATE INDEX tags_tags_idx ON tags USING gin (tags);
CREATE INDEX targets_tags_idx ON targets USING gin (tags);
CREATE INDEX targets_target_idx ON targets (target);
CREATE INDEX targets_upstream_id_idx ON targets (upstream_id);
CREATE INDEX ttls_primary_uuid_value_idx ON ttls (primary_uuid_value);
CREATE INDEX upstreams_fkey_client_certificate ON upstreams (client_certificate_id);
CREATE INDEX upstreams_tags_idx ON upstreams USING gin (tags);
CREATE INDEX vaults_beta_tags_idx ON vaults_beta USING gin (tags);
CREATE TRIGGER acls_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON acls FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER basicauth_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON basicauth_credentials FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER ca_certificates_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON ca_certificates FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER certificates_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON certificates FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER consumers_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON consumers FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER hmacauth_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON hmacauth_credentials FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER jwtsecrets_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON jwt_secrets FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER keyauth_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON keyauth_credentials FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER oauth2_credentials_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON oauth2_credentials FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER plugins_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON plugins FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER routes_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON routes FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER services_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON services FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER snis_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON snis FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER targets_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON targets FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER upstreams_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON upstreams FOR EACH ROW EXECUTE PROCEDURE sync_tags();
CREATE TRIGGER vaults_beta_sync_tags_trigger AFTER INSERT OR DELETE OR UPDATE OF tags ON vaults_beta FOR EACH ROW EXECUTE PROCEDURE sync_tags();
ALTER TABLE acls ADD CONSTRAINT acls_consumer_id_fkey FOREIGN KEY (consumer_id, ws_id) REFERENCES consumers(id, ws_id) ON DELETE CASCADE;
ALTER TABLE acls ADD CONSTRAINT acls_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE basicauth_credentials ADD CONSTRAINT basicauth_credentials_consumer_id_fkey FOREIGN KEY (consumer_id, ws_id) REFERENCES consumers(id, ws_id) ON DELETE CASCADE;
ALTER TABLE basicauth_credentials ADD CONSTRAINT basicauth_credentials_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE certificates ADD CONSTRAINT certificates_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE consumers ADD CONSTRAINT consumers_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE hmacauth_credentials ADD CONSTRAINT hmacauth_credentials_consumer_id_fkey FOREIGN KEY (consumer_id, ws_id) REFERENCES consumers(id, ws_id) ON DELETE CASCADE;
ALTER TABLE hmacauth_credentials ADD CONSTRAINT hmacauth_credentials_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE jwt_secrets ADD CONSTRAINT jwt_secrets_consumer_id_fkey FOREIGN KEY (consumer_id, ws_id) REFERENCES consumers(id, ws_id) ON DELETE CASCADE;
ALTER TABLE jwt_secrets ADD CONSTRAINT jwt_secrets_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE keyauth_credentials ADD CONSTRAINT keyauth_credentials_consumer_id_fkey FOREIGN KEY (consumer_id, ws_id) REFERENCES consumers(id, ws_id) ON DELETE CASCADE;
ALTER TABLE keyauth_credentials ADD CONSTRAINT keyauth_credentials_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE oauth2_authorization_codes ADD CONSTRAINT oauth2_authorization_codes_credential_id_fkey FOREIGN KEY (credential_id, ws_id) REFERENCES oauth2_credentials(id, ws_id) ON DELETE CASCADE;
ALTER TABLE oauth2_authorization_codes ADD CONSTRAINT oauth2_authorization_codes_service_id_fkey FOREIGN KEY (service_id, ws_id) REFERENCES services(id, ws_id) ON DELETE CASCADE;
ALTER TABLE oauth2_authorization_codes ADD CONSTRAINT oauth2_authorization_codes_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE oauth2_credentials ADD CONSTRAINT oauth2_credentials_consumer_id_fkey FOREIGN KEY (consumer_id, ws_id) REFERENCES consumers(id, ws_id) ON DELETE CASCADE;
ALTER TABLE oauth2_credentials ADD CONSTRAINT oauth2_credentials_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE oauth2_tokens ADD CONSTRAINT oauth2_tokens_credential_id_fkey FOREIGN KEY (credential_id, ws_id) REFERENCES oauth2_credentials(id, ws_id) ON DELETE CASCADE;
ALTER TABLE oauth2_tokens ADD CONSTRAINT oauth2_tokens_service_id_fkey FOREIGN KEY (service_id, ws_id) REFERENCES services(id, ws_id) ON DELETE CASCADE;
ALTER TABLE oauth2_tokens ADD CONSTRAINT oauth2_tokens_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE plugins ADD CONSTRAINT plugins_consumer_id_fkey FOREIGN KEY (consumer_id, ws_id) REFERENCES consumers(id, ws_id) ON DELETE CASCADE;
ALTER TABLE plugins ADD CONSTRAINT plugins_route_id_fkey FOREIGN KEY (route_id, ws_id) REFERENCES routes(id, ws_id) ON DELETE CASCADE;
ALTER TABLE plugins ADD CONSTRAINT plugins_service_id_fkey FOREIGN KEY (service_id, ws_id) REFERENCES services(id, ws_id) ON DELETE CASCADE;
ALTER TABLE plugins ADD CONSTRAINT plugins_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE routes ADD CONSTRAINT routes_service_id_fkey FOREIGN KEY (service_id, ws_id) REFERENCES services(id, ws_id);
ALTER TABLE routes ADD CONSTRAINT routes_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE services ADD CONSTRAINT services_client_certificate_id_fkey FOREIGN KEY (client_certificate_id, ws_id) REFERENCES certificates(id, ws_id);
ALTER TABLE services ADD CONSTRAINT services_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE snis ADD CONSTRAINT snis_certificate_id_fkey FOREIGN KEY (certificate_id, ws_id) REFERENCES certificates(id, ws_id);
ALTER TABLE snis ADD CONSTRAINT snis_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE targets ADD CONSTRAINT targets_upstream_id_fkey FOREIGN KEY (upstream_id, ws_id) REFERENCES upstreams(id, ws_id) ON DELETE CASCADE;
ALTER TABLE targets ADD CONSTRAINT targets_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE upstreams ADD CONSTRAINT upstreams_client_certificate_id_fkey FOREIGN KEY (client_certificate_id) REFERENCES certificates(id);
ALTER TABLE upstreams ADD CONSTRAINT upstreams_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
ALTER TABLE vaults_beta ADD CONSTRAINT vaults_beta_ws_id_fkey FOREIGN KEY (ws_id) REFERENCES workspaces(id);
