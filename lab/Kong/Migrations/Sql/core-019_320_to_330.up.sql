CREATE FUNCTION batch_delete_expired_rows() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
        BEGIN
          EXECUTE FORMAT('WITH rows AS (SELECT ctid FROM %s WHERE %s < CURRENT_TIMESTAMP AT TIME ZONE ''UTC'' ORDER BY %s LIMIT 2 FOR UPDATE SKIP LOCKED) DELETE FROM %s WHERE ctid IN (TABLE rows)', TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[0], TG_TABLE_NAME);
          RETURN NULL;
        END;
      $$;
CREATE TRIGGER cluster_events_ttl_trigger AFTER INSERT ON cluster_events FOR EACH STATEMENT EXECUTE PROCEDURE batch_delete_expired_rows('expire_at');
CREATE TRIGGER clustering_data_planes_ttl_trigger AFTER INSERT ON clustering_data_planes FOR EACH STATEMENT EXECUTE PROCEDURE batch_delete_expired_rows('ttl');
