CREATE TABLE $schema$.own_row (order_id uuid NOT NULL);
