-- Units whose destruction was intended and is not done: no later receipt, no later row. The row goes with the `destroyed` entry.
CREATE TABLE destruction (
    clinic         uuid        NOT NULL REFERENCES clinic,
    unit           uuid        NOT NULL,
    -- By then every receipt for the unit has run out.
    receipts_until timestamptz NOT NULL,
    PRIMARY KEY (clinic, unit)
);
ALTER TABLE destruction OWNER TO clerestory_owner;
ALTER TABLE destruction ENABLE ROW LEVEL SECURITY;
ALTER TABLE destruction FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON destruction USING (clinic = clinic_now()) WITH CHECK (clinic = clinic_now());
CREATE POLICY epoch ON destruction FOR SELECT TO clerestory_epoch USING (true);
GRANT SELECT, INSERT, DELETE ON destruction TO clerestory_app;
GRANT SELECT ON destruction TO clerestory_epoch;

-- What is due, in whichever clinic: ids and times alone.
CREATE FUNCTION destructions_due(p_now timestamptz, OUT clinic uuid, OUT unit uuid) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
BEGIN ATOMIC
    SELECT d.clinic, d.unit FROM public.destruction d WHERE d.receipts_until <= p_now ORDER BY d.clinic, d.unit;
END;
ALTER FUNCTION destructions_due(timestamptz) OWNER TO clerestory_epoch;
GRANT EXECUTE ON FUNCTION destructions_due(timestamptz) TO clerestory_app;

-- Closes a session for good, if it still stands where the writer saw it.
CREATE FUNCTION session_close(p_session uuid, p_version integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE session SET open = false, closed = true
     WHERE clinic = clinic_now() AND id = p_session AND version = p_version AND NOT closed;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'session_close: the session has moved on' USING ERRCODE = 'CL001';
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION session_close(uuid, integer) TO clerestory_app;
