-- A change of the schema outside a migration is refused. A superuser can take this away; then what was anchored tells.
CREATE FUNCTION ddl_refuse() RETURNS event_trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('app.migrating', true) IS DISTINCT FROM 'yes' THEN
        RAISE EXCEPTION 'the schema changes only by migrations (refused: %)', tg_tag
            USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;
CREATE EVENT TRIGGER tripwire ON ddl_command_start EXECUTE FUNCTION ddl_refuse();
ALTER EVENT TRIGGER tripwire ENABLE ALWAYS;
