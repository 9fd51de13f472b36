CREATE TRIGGER sessions_ttl_trigger AFTER INSERT ON sessions FOR EACH STATEMENT EXECUTE PROCEDURE batch_delete_expired_rows('ttl');
