-- Of what people have been reminded: once of each occurrence, which is the day or the moment that comes near.
CREATE TABLE reminders (
    event TEXT NOT NULL,
    subject_id UUID NOT NULL,
    occurrence TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (event, subject_id, occurrence)
);
