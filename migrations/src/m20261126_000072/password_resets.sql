-- Somebody who has forgotten a password; the secret is kept hashed, and made when its letter is sent.
CREATE TABLE password_resets (
    id UUID PRIMARY KEY,
    email TEXT NOT NULL,
    account_id UUID REFERENCES accounts (id),
    token_hash TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    CONSTRAINT uq_password_resets__token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_password_resets__account_id ON password_resets (account_id);

-- When the password was last changed: sessions that began under another one are over.
ALTER TABLE accounts ADD COLUMN password_at BIGINT NOT NULL DEFAULT 0;
