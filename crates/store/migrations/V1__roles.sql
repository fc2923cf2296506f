-- The database's roles. A role belongs to the cluster, so a second database finds it there.
--   clerestory_owner   owns the ordinary tables; nobody can log in as it.
--   clerestory_ledger  owns the ledger's tables and its one door, ledger_append; nobody can log in as it, and it has no members.
--   clerestory_epoch   owns the two functions that look across clinics: the heads for an epoch, and the clinic of a day's code.
--   clerestory_app     the application: reads, and writes that end in a ledger entry.
--   clerestory_aux     the application's counters, idle times and demo clock: no records, no rights.
DO $$
DECLARE
    wanted text;
BEGIN
    PERFORM pg_advisory_xact_lock(4711001);
    FOREACH wanted IN ARRAY ARRAY['clerestory_owner', 'clerestory_ledger', 'clerestory_epoch'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', wanted);
        END IF;
    END LOOP;
    FOREACH wanted IN ARRAY ARRAY['clerestory_app', 'clerestory_aux'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT NOCREATEDB NOCREATEROLE', wanted);
        END IF;
    END LOOP;
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO clerestory_owner, clerestory_ledger, clerestory_epoch, clerestory_app, clerestory_aux;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- The clinic of this transaction, set by set_config('app.clinic', …, true). Outside a transaction the setting is '',
-- and then no row is anybody's. The platform's own tree is the clinic of all zeroes.
CREATE FUNCTION clinic_now() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.clinic', true), '')::uuid;

GRANT EXECUTE ON FUNCTION clinic_now() TO clerestory_owner, clerestory_ledger, clerestory_epoch, clerestory_app, clerestory_aux;
