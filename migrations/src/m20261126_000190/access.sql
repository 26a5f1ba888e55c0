-- The second factor of an account: the key of its codes (RFC 6238), and the last time step whose code was used.
CREATE TABLE second_factors (
    account_id UUID NOT NULL PRIMARY KEY REFERENCES accounts (id),
    secret TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL
);

-- What stands in for a code when the device is lost: each works once.
CREATE TABLE recovery_codes (
    account_id UUID NOT NULL REFERENCES accounts (id),
    code_hash TEXT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (account_id, code_hash)
);

-- From where a token was asked for, and when and from where it was used last. Tokens of before do not know.
ALTER TABLE api_tokens ADD COLUMN made_from TEXT;
ALTER TABLE api_tokens ADD COLUMN used_at BIGINT;
ALTER TABLE api_tokens ADD COLUMN used_from TEXT;
