ALTER TABLE upstreams ADD COLUMN use_srv_name boolean DEFAULT false;
