-- The ledger: one RFC 6962 tree for each clinic, and one for the platform (the clinic of all zeroes).
-- docs/formats/ledger.md has the bytes.
CREATE TABLE ledger_head (
    clinic     uuid    NOT NULL PRIMARY KEY,
    generation integer NOT NULL CHECK (generation >= 1),
    size       bigint  NOT NULL CHECK (size >= 0),
    -- Roots of the perfect subtrees that make up the tree, largest first: all that an append needs, and the root follows from it.
    frontier   bytea[] NOT NULL
) WITH (fillfactor = 40);

CREATE TABLE ledger_leaf (
    clinic     uuid    NOT NULL,
    generation integer NOT NULL,
    index      bigint  NOT NULL,
    body       bytea   NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 65536),
    -- The inner nodes that this leaf completes, its own hash first, so that a proof is a few point reads.
    nodes      bytea[] NOT NULL,
    PRIMARY KEY (clinic, generation, index)
);

-- Which entries speak of a session, a patient, a person: an index to find them by, no evidence in itself.
CREATE TABLE ledger_subject (
    clinic     uuid    NOT NULL,
    subject    uuid    NOT NULL,
    generation integer NOT NULL,
    index      bigint  NOT NULL,
    PRIMARY KEY (clinic, subject, generation, index)
);

ALTER TABLE ledger_subject OWNER TO clerestory_ledger;
ALTER TABLE ledger_subject ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_subject FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON ledger_subject USING (clinic = clinic_now()) WITH CHECK (clinic = clinic_now());
ALTER TABLE ledger_head OWNER TO clerestory_ledger;
ALTER TABLE ledger_leaf OWNER TO clerestory_ledger;
ALTER TABLE ledger_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_head FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger_leaf ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_leaf FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON ledger_head USING (clinic = clinic_now()) WITH CHECK (clinic = clinic_now());
CREATE POLICY wall ON ledger_leaf USING (clinic = clinic_now()) WITH CHECK (clinic = clinic_now());
-- The epoch reads every clinic's head (sizes and frontiers, no entries), by a function of this role alone.
CREATE POLICY epoch ON ledger_head FOR SELECT TO clerestory_epoch USING (true);
GRANT SELECT ON ledger_head, ledger_leaf, ledger_subject TO clerestory_app;
GRANT SELECT ON ledger_head TO clerestory_epoch;

CREATE FUNCTION ledger_leaf_refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_leaf
    FOR EACH ROW EXECUTE FUNCTION ledger_leaf_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON ledger_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_leaf_refuse();
CREATE TRIGGER head_stays BEFORE DELETE ON ledger_head
    FOR EACH ROW EXECUTE FUNCTION ledger_leaf_refuse();
CREATE TRIGGER head_stays_truncate BEFORE TRUNCATE ON ledger_head
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_leaf_refuse();
ALTER TABLE ledger_leaf ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger_leaf ENABLE ALWAYS TRIGGER append_only_truncate;
ALTER TABLE ledger_head ENABLE ALWAYS TRIGGER head_stays;
ALTER TABLE ledger_head ENABLE ALWAYS TRIGGER head_stays_truncate;

-- The only door. Appends the bodies in order, each as leaf
--   0x01 ‖ clinic (16) ‖ generation (4, big-endian) ‖ index (8, big-endian) ‖ body
-- and returns where the first one came to stand. Entry p_subject_of[k] (from 0) is to be found under p_subjects[k].
-- Call it last before COMMIT: it locks the clinic's head until then.
CREATE FUNCTION ledger_append(p_clinic uuid, p_bodies bytea[], p_subjects uuid[], p_subject_of integer[],
                              OUT generation integer, OUT first_index bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    head   public.ledger_head;
    body   bytea;
    node   bytea;
    nodes  bytea[];
    level  integer;
BEGIN
    IF p_clinic IS DISTINCT FROM public.clinic_now() THEN
        RAISE EXCEPTION 'ledger_append: the entry is of another clinic than the transaction'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF coalesce(array_length(p_bodies, 1), 0) = 0 THEN
        RAISE EXCEPTION 'ledger_append: no entry' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT * INTO head FROM public.ledger_head h WHERE h.clinic = p_clinic FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger_append: this clinic has no tree' USING ERRCODE = 'no_data_found';
    END IF;
    generation := head.generation;
    first_index := head.size;
    FOREACH body IN ARRAY p_bodies LOOP
        node := sha256('\x0001'::bytea || uuid_send(p_clinic) || int4send(head.generation) || int8send(head.size) || body);
        nodes := ARRAY[node];
        level := 0;
        WHILE (head.size >> level) & 1 = 1 LOOP
            node := sha256('\x01'::bytea || head.frontier[cardinality(head.frontier)] || node);
            head.frontier := trim_array(head.frontier, 1);
            nodes := nodes || node;
            level := level + 1;
        END LOOP;
        head.frontier := head.frontier || node;
        INSERT INTO public.ledger_leaf VALUES (p_clinic, head.generation, head.size, body, nodes);
        head.size := head.size + 1;
    END LOOP;
    INSERT INTO public.ledger_subject
    SELECT DISTINCT p_clinic, s.subject, head.generation, ledger_append.first_index + s.of
      FROM unnest(p_subjects, p_subject_of) AS s (subject, of);
    UPDATE public.ledger_head h SET size = head.size, frontier = head.frontier WHERE h.clinic = p_clinic;
END $$;
ALTER FUNCTION ledger_append(uuid, bytea[], uuid[], integer[]) OWNER TO clerestory_ledger;
GRANT EXECUTE ON FUNCTION ledger_append(uuid, bytea[], uuid[], integer[]) TO clerestory_app;

-- A clinic's tree is begun once, in the transaction that makes the clinic.
CREATE FUNCTION ledger_begin(p_clinic uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF p_clinic IS DISTINCT FROM public.clinic_now() THEN
        RAISE EXCEPTION 'ledger_begin: another clinic than the transaction''s' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO public.ledger_head VALUES (p_clinic, 1, 0, '{}');
END $$;
ALTER FUNCTION ledger_begin(uuid) OWNER TO clerestory_ledger;
GRANT EXECUTE ON FUNCTION ledger_begin(uuid) TO clerestory_app;

-- After a restore: a new generation, whose first leaf (appended by the caller in the same transaction) names the gap.
CREATE FUNCTION ledger_generation_open(p_clinic uuid, p_found_generation integer, p_generation integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF p_clinic IS DISTINCT FROM public.clinic_now() OR p_generation <= p_found_generation THEN
        RAISE EXCEPTION 'ledger_generation_open: refused' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE public.ledger_head h SET generation = p_generation, size = 0, frontier = '{}'
     WHERE h.clinic = p_clinic AND h.generation = p_found_generation;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger_generation_open: the generation found is another one' USING ERRCODE = 'no_data_found';
    END IF;
END $$;
ALTER FUNCTION ledger_generation_open(uuid, integer, integer) OWNER TO clerestory_ledger;
GRANT EXECUTE ON FUNCTION ledger_generation_open(uuid, integer, integer) TO clerestory_app;
