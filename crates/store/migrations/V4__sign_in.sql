-- Who is signed in, and what is being watched. Both are rights: they change only with a ledger entry.
CREATE TABLE sign_in (
    clinic     uuid        NOT NULL,
    id         uuid        NOT NULL,
    person     uuid        NOT NULL,
    -- SHA-256 of the cookie's secret.
    token_hash bytea       NOT NULL CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz,
    PRIMARY KEY (clinic, id),
    UNIQUE (clinic, token_hash),
    FOREIGN KEY (clinic, person) REFERENCES person
);

-- A watch: one page, open under one `opened` entry, for fifteen minutes at most, for one sign-in.
CREATE TABLE watch (
    clinic     uuid        NOT NULL,
    id         uuid        NOT NULL,
    sign_in    uuid        NOT NULL,
    person     uuid        NOT NULL,
    purpose    text        NOT NULL,
    units      uuid[]      NOT NULL,
    generation integer     NOT NULL,
    entry      bigint      NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (clinic, id),
    FOREIGN KEY (clinic, sign_in) REFERENCES sign_in
);

ALTER TABLE sign_in OWNER TO clerestory_owner;
ALTER TABLE watch OWNER TO clerestory_owner;
ALTER TABLE sign_in ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_in FORCE ROW LEVEL SECURITY;
ALTER TABLE watch ENABLE ROW LEVEL SECURITY;
ALTER TABLE watch FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON sign_in USING (clinic = clinic_now()) WITH CHECK (clinic = clinic_now());
CREATE POLICY wall ON watch USING (clinic = clinic_now()) WITH CHECK (clinic = clinic_now());
GRANT SELECT, INSERT ON sign_in TO clerestory_app;
GRANT UPDATE (ended_at) ON sign_in TO clerestory_app;
GRANT SELECT, INSERT, DELETE ON watch TO clerestory_app;
