CREATE INDEX acme_storage_ttl_idx ON acme_storage (ttl);
CREATE TRIGGER acme_storage_ttl_trigger AFTER INSERT ON acme_storage FOR EACH STATEMENT EXECUTE PROCEDURE batch_delete_expired_rows('ttl');
