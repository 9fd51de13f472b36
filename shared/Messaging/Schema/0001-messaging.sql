CREATE TABLE $schema$.saga (
    saga_type      text        NOT NULL,
    correlation_id uuid        NOT NULL,
    current_state  text,
    version        integer     NOT NULL,
    body           jsonb       NOT NULL,
    updated_at     timestamptz NOT NULL,
    PRIMARY KEY (saga_type, correlation_id)
);
CREATE INDEX saga_by_update ON $schema$.saga (saga_type, updated_at DESC);

-- One row per message handled by one consumer; a second delivery finds it and is dropped.
CREATE TABLE $schema$.inbox (
    message_id  uuid        NOT NULL,
    consumer_id uuid        NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (message_id, consumer_id)
);
CREATE INDEX inbox_by_age ON $schema$.inbox (received_at);

-- Outgoing messages and timers; a timer is a row that is not due yet. A delivered row is deleted.
CREATE TABLE $schema$.outbox (
    outbox_id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id       uuid        NOT NULL,
    destination      text        NOT NULL,
    published_type   text,                      -- set for publications: the CLR type whose topology is to be deployed
    message_type     text        NOT NULL,
    content_type     text        NOT NULL,
    body             text        NOT NULL,
    headers          text,
    properties       text,
    conversation_id  uuid,
    correlation_id   uuid,
    initiator_id     uuid,
    request_id       uuid,
    source_address   text,
    response_address text,
    fault_address    text,
    scheduling_token uuid,                      -- set for timers
    created_at       timestamptz NOT NULL,
    due_at           timestamptz,               -- null: at once
    expires_at       timestamptz,               -- null: never
    attempts         integer     NOT NULL DEFAULT 0,
    last_error       text,
    parked_at        timestamptz                -- set: given up, waits for a person
);
CREATE INDEX outbox_by_destination ON $schema$.outbox (destination, outbox_id) WHERE parked_at IS NULL;
CREATE INDEX outbox_by_due_time ON $schema$.outbox (due_at) WHERE parked_at IS NULL AND due_at IS NOT NULL;
CREATE INDEX outbox_by_token ON $schema$.outbox (scheduling_token) WHERE scheduling_token IS NOT NULL;
CREATE INDEX outbox_parked ON $schema$.outbox (parked_at) WHERE parked_at IS NOT NULL;

-- The queue tables turn over all the time; the defaults would let them bloat between vacuums.
ALTER TABLE $schema$.outbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500, fillfactor = 80);
ALTER TABLE $schema$.saga SET (autovacuum_vacuum_scale_factor = 0.05, fillfactor = 70);
