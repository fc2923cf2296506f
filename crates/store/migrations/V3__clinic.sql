-- Clinics, their people and patients. What names anybody is sealed; what is plain is what finding needs.
CREATE TABLE clinic (
    clinic     uuid        NOT NULL PRIMARY KEY,
    -- Where the clinic's head stands in an epoch's tree of heads.
    ordinal    integer     NOT NULL UNIQUE GENERATED ALWAYS AS IDENTITY,
    time_zone  text        NOT NULL,
    created_at timestamptz NOT NULL,
    -- Name, address, telephone: under the clinic's directory unit.
    sealed     bytea       NOT NULL
);

CREATE TABLE person (
    clinic      uuid    NOT NULL REFERENCES clinic,
    id          uuid    NOT NULL,
    role        text    NOT NULL CHECK (role IN ('owner', 'prescriber', 'floor_clinician')),
    -- HMAC of the sign-in name under the clinic's key.
    login_token bytea   NOT NULL CHECK (octet_length(login_token) = 32),
    -- Argon2id behind a pepper.
    pin_hash    text    NOT NULL,
    active      boolean NOT NULL,
    sealed      bytea   NOT NULL,
    PRIMARY KEY (clinic, id),
    UNIQUE (clinic, login_token)
);

CREATE TABLE patient (
    clinic uuid  NOT NULL REFERENCES clinic,
    id     uuid  NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (clinic, id)
);

CREATE TABLE clinic_code (
    clinic uuid  NOT NULL REFERENCES clinic,
    day    date  NOT NULL,
    -- HMAC of the code under a platform key: the code finds its clinic before a clinic is known.
    token  bytea NOT NULL CHECK (octet_length(token) = 32),
    sealed bytea NOT NULL,
    PRIMARY KEY (clinic, day),
    UNIQUE (token)
);

-- Which clinic a code belongs to, and for which day: asked before any clinic is known, so by a function of the role
-- that may look across clinics.
CREATE FUNCTION clinic_of_code(p_token bytea, OUT clinic uuid, OUT day date) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
BEGIN ATOMIC
    SELECT c.clinic, c.day FROM public.clinic_code c WHERE c.token = p_token;
END;

-- Every clinic's head, in the order of an epoch's tree.
CREATE FUNCTION epoch_heads(OUT clinic uuid, OUT generation integer, OUT size bigint, OUT frontier bytea[]) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
BEGIN ATOMIC
    SELECT h.clinic, h.generation, h.size, h.frontier
      FROM public.ledger_head h JOIN public.clinic c ON c.clinic = h.clinic
     ORDER BY c.ordinal;
END;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['clinic', 'person', 'patient', 'clinic_code'] LOOP
        EXECUTE format('ALTER TABLE %I OWNER TO clerestory_owner', name);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY wall ON %I USING (clinic = clinic_now()) WITH CHECK (clinic = clinic_now())', name);
    END LOOP;
END $$;
CREATE POLICY epoch ON clinic FOR SELECT TO clerestory_epoch USING (true);
CREATE POLICY epoch ON clinic_code FOR SELECT TO clerestory_epoch USING (true);
GRANT SELECT (clinic, ordinal) ON clinic TO clerestory_epoch;
GRANT SELECT (clinic, day, token) ON clinic_code TO clerestory_epoch;
ALTER FUNCTION clinic_of_code(bytea) OWNER TO clerestory_epoch;
ALTER FUNCTION epoch_heads() OWNER TO clerestory_epoch;
GRANT EXECUTE ON FUNCTION clinic_of_code(bytea), epoch_heads() TO clerestory_app;

GRANT SELECT, INSERT ON clinic, clinic_code, patient TO clerestory_app;
GRANT SELECT, INSERT, UPDATE ON person TO clerestory_app;
