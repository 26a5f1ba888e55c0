-- The networks that a run is about: whoever does not look after all of them does not see it. Which those were is not
-- known of earlier runs, so they count as being about every network of their programme.
CREATE TABLE run_networks (
    run_id UUID NOT NULL REFERENCES runs (id),
    network_id UUID NOT NULL REFERENCES networks (id),
    PRIMARY KEY (run_id, network_id)
);
CREATE INDEX ix_run_networks__network ON run_networks (network_id);
INSERT INTO run_networks (run_id, network_id)
    SELECT runs.id, networks.id FROM runs JOIN networks ON networks.programme_id = runs.programme_id;

-- The network in which a consortium bids; NULL: the whole programme.
ALTER TABLE consortia ADD COLUMN network_id UUID REFERENCES networks (id);
