-- How a person wants to be told of a topic; without a row, in the usual way.
CREATE TABLE notice_channels (
    account_id UUID NOT NULL REFERENCES accounts (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    topic TEXT NOT NULL,
    inbox BOOLEAN NOT NULL,
    mail TEXT NOT NULL CHECK (mail IN ('never', 'now', 'daily', 'weekly')),
    PRIMARY KEY (account_id, organisation_id, topic)
);
INSERT INTO notice_channels (account_id, organisation_id, topic, inbox, mail)
    SELECT account_id, organisation_id, topic, FALSE, 'never' FROM muted_topics;
DROP TABLE muted_topics;

-- What was told before there were letters is written to nobody.
ALTER TABLE notices ADD COLUMN in_inbox BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE notices ADD COLUMN mail TEXT NOT NULL DEFAULT 'never';
ALTER TABLE notices ADD COLUMN letter_id UUID;
ALTER TABLE notices ADD COLUMN mailed_at BIGINT;
CREATE INDEX ix_notices__letter_id ON notices (letter_id);
CREATE INDEX ix_notices__mail__letter_id ON notices (mail, letter_id);

-- The days whose summaries have been put together.
CREATE TABLE notice_days (
    day TEXT PRIMARY KEY
);
