-- The coordinator's own tables, beside those of the messaging library in the same schema.

-- One running upgrade per cluster: the row is the lock.
CREATE TABLE kum.cluster_locks (
    cluster     text        PRIMARY KEY,
    upgrade_id  uuid        NOT NULL UNIQUE,
    taken_at    timestamptz NOT NULL
);

-- What a start request was answered with, so that a repeat starts nothing.
CREATE TABLE kum.start_requests (
    request_id  text        PRIMARY KEY,
    upgrade_id  uuid        NOT NULL,
    cluster     text        NOT NULL,
    received_at timestamptz NOT NULL
);

-- Append-only and hash-chained. data is text, not jsonb: the hash covers it to the letter.
CREATE TABLE kum.timeline (
    upgrade_id    uuid        NOT NULL,
    sequence      bigint      NOT NULL,
    at            timestamptz NOT NULL,
    kind          text        NOT NULL,
    phase         text        NOT NULL,
    epoch         integer     NOT NULL,
    actor         text        NOT NULL,
    message       text        NOT NULL,
    data          text        NOT NULL,
    previous_hash text        NOT NULL,
    hash          text        NOT NULL,
    PRIMARY KEY (upgrade_id, sequence)
);

CREATE FUNCTION kum.timeline_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the timeline is append-only';
END $$;

CREATE TRIGGER timeline_append_only BEFORE UPDATE OR DELETE ON kum.timeline
    FOR EACH ROW EXECUTE FUNCTION kum.timeline_is_append_only();

-- Leases live outside the saga rows: a beat must not cost a saga write.
CREATE TABLE kum.leases (
    upgrade_id    uuid        NOT NULL,
    lane          text        NOT NULL,
    cluster       text        NOT NULL,
    name          text        NOT NULL,
    epoch         integer     NOT NULL,
    sequence      integer     NOT NULL,
    attempt       integer     NOT NULL,
    kind          text        NOT NULL,
    datacenter    text        NOT NULL,
    dispatched_at timestamptz NOT NULL,
    agent         text,
    instance_id   uuid,
    last_seen_at  timestamptz,
    reported_at   timestamptz,
    activity      text,
    fraction      double precision,
    PRIMARY KEY (upgrade_id, lane)
);

CREATE TABLE kum.agents (
    kind          text        NOT NULL,
    datacenter    text        NOT NULL,
    agent         text        NOT NULL,
    instance_id   uuid        NOT NULL,
    version       text        NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    running_steps integer     NOT NULL,
    PRIMARY KEY (kind, datacenter, agent)
);
