CREATE TABLE webhooks (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL,
    created_by UUID NOT NULL,
    role TEXT NOT NULL,
    url TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'disabled')),
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_secret_until BIGINT,
    failing_since BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX ix_webhooks__organisation ON webhooks (organisation_id, id);

CREATE TABLE webhook_calls (
    id UUID NOT NULL PRIMARY KEY,
    webhook_id UUID NOT NULL REFERENCES webhooks (id),
    event TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_id UUID NOT NULL,
    at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    tries INTEGER NOT NULL,
    last_status INTEGER,
    last_error TEXT,
    tried_at BIGINT
);
CREATE INDEX ix_webhook_calls__webhook ON webhook_calls (webhook_id, id);
CREATE INDEX ix_webhook_calls__at ON webhook_calls (at);
