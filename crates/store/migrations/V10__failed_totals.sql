-- Failed sign-ins: tries are taken before a PIN is checked, so that tries side by side cannot outrun a limit; and each hour's
-- failures are counted, which becomes one ledger entry for each clinic and hour.

-- Tries whose PIN is being checked right now. A process that dies meanwhile leaves its tries here until the window ends.
ALTER TABLE attempt ADD COLUMN checking integer NOT NULL DEFAULT 0 CHECK (checking >= 0);

-- Takes one of a subject's tries, and answers whether its PIN may be checked: not while locked, and not when the wrong tries
-- and those under way make up the limit already. A count that was begun before the window begins anew. The first statement
-- locks the row, so that the second decides for one try at a time.
CREATE FUNCTION attempt_take(p_subject uuid, p_at timestamptz, p_window_start timestamptz, p_failures_max integer) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO attempt AS a (clinic, subject, failures, checking, first_at)
    VALUES (clinic_now(), p_subject, 0, 0, p_at)
    ON CONFLICT (clinic, subject) DO UPDATE SET
        failures = CASE WHEN a.first_at < p_window_start THEN 0 ELSE a.failures END,
        checking = CASE WHEN a.first_at < p_window_start THEN 0 ELSE a.checking END,
        first_at = CASE WHEN a.first_at < p_window_start THEN p_at ELSE a.first_at END;
    UPDATE attempt a SET checking = a.checking + 1
     WHERE a.clinic = clinic_now() AND a.subject = p_subject
       AND (a.locked_until IS NULL OR a.locked_until <= p_at)
       AND a.failures + a.checking < p_failures_max;
    RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION attempt_take(uuid, timestamptz, timestamptz, integer) TO clerestory_aux;

-- How many sign-ins failed in an hour. The second role counts; the application takes a finished hour away in the
-- transaction that enters it in the clinic's tree. Codes that are nobody's count for the platform.
CREATE TABLE failed_total (
    clinic   uuid   NOT NULL,
    -- Whole hours since 1970-01-01 00:00 UTC.
    hour     bigint NOT NULL,
    failures bigint NOT NULL CHECK (failures >= 1),
    PRIMARY KEY (clinic, hour)
);
ALTER TABLE failed_total OWNER TO clerestory_owner;
ALTER TABLE failed_total ENABLE ROW LEVEL SECURITY;
ALTER TABLE failed_total FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON failed_total USING (clinic = clinic_now()) WITH CHECK (clinic = clinic_now());
CREATE POLICY epoch ON failed_total FOR SELECT TO clerestory_epoch USING (true);
GRANT SELECT, INSERT, UPDATE ON failed_total TO clerestory_aux;
GRANT SELECT, DELETE ON failed_total TO clerestory_app;
GRANT SELECT (clinic, hour) ON failed_total TO clerestory_epoch;

-- The clinics with counted hours before this one.
CREATE FUNCTION failed_total_clinics(p_before_hour bigint) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
BEGIN ATOMIC
    SELECT DISTINCT f.clinic FROM public.failed_total f WHERE f.hour < p_before_hour ORDER BY f.clinic;
END;
ALTER FUNCTION failed_total_clinics(bigint) OWNER TO clerestory_epoch;
GRANT EXECUTE ON FUNCTION failed_total_clinics(bigint) TO clerestory_app;

-- Which clinic a code belongs to, for which day and in which time zone, so that a code of another day is nobody's before
-- anything is counted. One row in any case: for a code that is nobody's the columns are null. `some_clinic` is the oldest
-- clinic: its key is read where there is no clinic to read one of, so that both cost the same.
DROP FUNCTION clinic_of_code(bytea);
CREATE FUNCTION clinic_of_code(p_token bytea, OUT clinic uuid, OUT day date, OUT time_zone text, OUT some_clinic uuid) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
BEGIN ATOMIC
    SELECT c.clinic, c.day, z.time_zone, (SELECT f.clinic FROM public.clinic f ORDER BY f.ordinal LIMIT 1)
      FROM (SELECT p_token AS token) AS asked
      LEFT JOIN public.clinic_code c ON c.token = asked.token
      LEFT JOIN public.clinic z ON z.clinic = c.clinic;
END;
GRANT SELECT (time_zone) ON clinic TO clerestory_epoch;
ALTER FUNCTION clinic_of_code(bytea) OWNER TO clerestory_epoch;
GRANT EXECUTE ON FUNCTION clinic_of_code(bytea) TO clerestory_app;
