-- Visits and meetings of a network: who took part, what they agreed on, who has confirmed it.
CREATE TABLE meetings (
    id UUID NOT NULL PRIMARY KEY,
    network_id UUID NOT NULL REFERENCES networks (id),
    kind TEXT NOT NULL,
    held_on TEXT NOT NULL,
    place TEXT NOT NULL,
    purpose TEXT NOT NULL,
    state TEXT NOT NULL,
    called_for UUID NOT NULL REFERENCES organisations (id),
    called_by UUID NOT NULL,
    called_at BIGINT NOT NULL,
    cancelled_because TEXT,
    version BIGINT NOT NULL
);
CREATE INDEX ix_meetings__network_id ON meetings (network_id);
CREATE TABLE meeting_participants (
    meeting_id UUID NOT NULL REFERENCES meetings (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    people TEXT NOT NULL,
    attended BOOLEAN,
    confirmed_by UUID,
    confirmed_at BIGINT,
    PRIMARY KEY (meeting_id, organisation_id)
);
CREATE INDEX ix_meeting_participants__organisation_id ON meeting_participants (organisation_id);
CREATE TABLE meeting_agreements (
    id UUID NOT NULL PRIMARY KEY,
    meeting_id UUID NOT NULL REFERENCES meetings (id),
    turn BIGINT NOT NULL,
    what TEXT NOT NULL,
    who_id UUID NOT NULL REFERENCES organisations (id),
    until_on TEXT NOT NULL,
    done_on TEXT,
    done_note TEXT,
    done_for UUID,
    CONSTRAINT uq_meeting_agreements__meeting_id__turn UNIQUE (meeting_id, turn)
);
