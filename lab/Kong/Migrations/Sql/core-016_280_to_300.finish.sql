-- Of several targets with one address in one upstream the newest stays; then the pair is unique for good.
DELETE FROM targets AS older USING targets AS newer WHERE older.upstream_id = newer.upstream_id AND older.target = newer.target AND older.ws_id IS NOT DISTINCT FROM newer.ws_id AND (older.created_at, older.id) < (newer.created_at, newer.id);
UPDATE targets SET cache_key = CONCAT('targets:', upstream_id, ':', target, '::::', ws_id) WHERE cache_key IS NULL;
DROP TABLE vaults_beta;
