-- What may change without a ledger entry: counters, idle times, the demo's clock, places of checkpoints. The second role's, and nothing else is.
CREATE TABLE sign_in_idle (
    clinic    uuid        NOT NULL,
    sign_in   uuid        NOT NULL,
    seen_at   timestamptz NOT NULL,
    PRIMARY KEY (clinic, sign_in)
) WITH (fillfactor = 60);

-- Wrong PINs: one row a person, and one for the clinic as a whole (the subject is the clinic's own id).
CREATE TABLE attempt (
    clinic       uuid        NOT NULL,
    subject      uuid        NOT NULL,
    failures     integer     NOT NULL CHECK (failures >= 0),
    first_at     timestamptz NOT NULL,
    locked_until timestamptz,
    PRIMARY KEY (clinic, subject)
);

CREATE TABLE demo_clock (
    clinic uuid        NOT NULL PRIMARY KEY CHECK (clinic = '00000000-0000-0000-0000-000000000000'),
    held   timestamptz NOT NULL
);

-- The checkpoints that a clinic's bundles carried: a later bundle shows that its log continues each of them.
CREATE TABLE export_checkpoint (
    clinic     uuid    NOT NULL,
    generation integer NOT NULL,
    size       bigint  NOT NULL,
    root       bytea   NOT NULL CHECK (octet_length(root) = 32),
    PRIMARY KEY (clinic, generation, size)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['sign_in_idle', 'attempt', 'demo_clock', 'export_checkpoint'] LOOP
        EXECUTE format('ALTER TABLE %I OWNER TO clerestory_owner', name);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY wall ON %I USING (clinic = clinic_now()) WITH CHECK (clinic = clinic_now())', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO clerestory_aux', name);
    END LOOP;
END $$;
GRANT SELECT ON sign_in_idle, attempt, demo_clock, export_checkpoint TO clerestory_app;
