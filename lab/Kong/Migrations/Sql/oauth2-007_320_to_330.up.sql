ALTER TABLE oauth2_authorization_codes ADD COLUMN plugin_id uuid;
ALTER TABLE oauth2_authorization_codes ADD CONSTRAINT oauth2_authorization_codes_plugin_id_fkey FOREIGN KEY (plugin_id) REFERENCES plugins(id) ON DELETE CASCADE;
