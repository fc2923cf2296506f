-- A new generation is committed with the entry that names the gap, or not at all. Which generation it is, and what that entry
-- says, is held against the anchor before the next signature.
CREATE FUNCTION ledger_generation_named() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.ledger_leaf l
         WHERE l.clinic = NEW.clinic AND l.generation = NEW.generation AND l.index = 0
           AND position('generation.opened'::bytea IN l.body) > 0
    ) THEN
        RAISE EXCEPTION 'ledger_generation_open: no entry names the gap' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION ledger_generation_named() OWNER TO clerestory_ledger;

CREATE CONSTRAINT TRIGGER generation_named AFTER UPDATE OF generation ON ledger_head
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.generation IS DISTINCT FROM NEW.generation)
    EXECUTE FUNCTION ledger_generation_named();
ALTER TABLE ledger_head ENABLE ALWAYS TRIGGER generation_named;
