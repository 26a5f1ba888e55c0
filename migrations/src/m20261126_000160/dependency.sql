-- When a supplier first came to a network, and when it was selected: for the days that each stage takes.
ALTER TABLE network_members ADD COLUMN first_at BIGINT;
ALTER TABLE network_members ADD COLUMN selected_at BIGINT;
UPDATE network_members SET selected_at = changed_at WHERE state = 'selected';

-- How a network's suppliers depended on their buyers, month by month and with every change. share, hhi: exact, as
-- fractions; NULL: the sales are undisclosed.
CREATE TABLE dependency_records (
    id UUID NOT NULL PRIMARY KEY,
    network_id UUID NOT NULL REFERENCES networks (id),
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    recorded_at BIGINT NOT NULL,
    buyer_group_key UUID,
    share TEXT,
    hhi TEXT,
    band TEXT NOT NULL
);
CREATE INDEX ix_dependency_records__network ON dependency_records (network_id, id);
