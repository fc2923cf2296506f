-- A step of a session whose page is still held in memory under its watch is one statement: the write itself asks whether the
-- watch still stands. So a watch has to fall with what it rests on, whoever changes that.
CREATE FUNCTION watch_end() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'sign_in' THEN
        DELETE FROM watch WHERE clinic = NEW.clinic AND sign_in = NEW.id;
    ELSE
        DELETE FROM watch w USING sign_in n
         WHERE w.clinic = NEW.clinic AND n.clinic = NEW.clinic AND n.id = w.sign_in AND n.person = NEW.id;
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION watch_end() OWNER TO clerestory_owner;
CREATE TRIGGER watch_ends AFTER UPDATE OF ended_at ON sign_in
    FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL) EXECUTE FUNCTION watch_end();
CREATE TRIGGER watch_ends AFTER UPDATE OF role, active ON person
    FOR EACH ROW WHEN (OLD.role IS DISTINCT FROM NEW.role OR NOT NEW.active) EXECUTE FUNCTION watch_end();
ALTER TABLE sign_in ENABLE ALWAYS TRIGGER watch_ends;
ALTER TABLE person ENABLE ALWAYS TRIGGER watch_ends;

-- The only door: as in V12, with plain statements for leaf and subjects.
CREATE OR REPLACE FUNCTION ledger_append(p_clinic uuid, p_bodies bytea[], p_subjects uuid[], p_subject_of integer[],
                                         OUT generation integer, OUT first_index bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    -- Roots of the perfect subtrees, largest first.
    roots  bytea[];
    leaves bigint;
    width  integer;
    body   bytea;
    node   bytea;
    nodes  bytea[];
    level  integer;
BEGIN
    IF p_clinic IS DISTINCT FROM public.clinic_now() THEN
        RAISE EXCEPTION 'ledger_append: the entry is of another clinic than the transaction'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF coalesce(cardinality(p_bodies), 0) = 0 THEN
        RAISE EXCEPTION 'ledger_append: no entry' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT h.generation, h.size, h.frontier INTO generation, leaves, roots
      FROM public.ledger_head h WHERE h.clinic = p_clinic FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger_append: this clinic has no tree' USING ERRCODE = 'no_data_found';
    END IF;
    first_index := leaves;
    width := cardinality(roots);
    FOREACH body IN ARRAY p_bodies LOOP
        IF octet_length(body) NOT BETWEEN 1 AND 65536 THEN
            RAISE EXCEPTION 'ledger_append: an entry that is empty or too long' USING ERRCODE = 'check_violation';
        END IF;
        node := sha256('\x0001'::bytea || uuid_send(p_clinic) || int4send(generation) || int8send(leaves) || body);
        nodes := ARRAY[node];
        level := 0;
        WHILE (leaves >> level) & 1 = 1 LOOP
            node := sha256('\x01'::bytea || roots[width - level] || node);
            nodes := nodes || node;
            level := level + 1;
        END LOOP;
        width := width - level;
        roots := roots[1:width] || node;
        width := width + 1;
        INSERT INTO public.ledger_leaf VALUES (p_clinic, generation, leaves, body, nodes);
        leaves := leaves + 1;
    END LOOP;
    FOR number IN 1 .. coalesce(cardinality(p_subjects), 0) LOOP
        INSERT INTO public.ledger_subject
        VALUES (p_clinic, p_subjects[number], generation, first_index + p_subject_of[number]);
    END LOOP;
    UPDATE public.ledger_head h SET size = leaves, frontier = roots WHERE h.clinic = p_clinic;
END $$;

-- Appends sealed events to a session that stands at a version, with their entry as a leaf: the session's row first, the one
-- head last, as everywhere. With a watch, only while this sign-in holds it. Answers with the leaf's generation and index.
DROP FUNCTION session_record(uuid, uuid, integer, bytea[], boolean, bytea[], uuid[], integer[]);
CREATE FUNCTION session_record(p_clinic uuid, p_session uuid, p_version integer, p_sealed bytea[], p_open boolean,
                               p_bodies bytea[], p_subjects uuid[], p_subject_of integer[],
                               p_watch uuid, p_sign_in uuid, p_now timestamptz) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
    wall  text;
    place record;
BEGIN
    wall := set_config('app.clinic', p_clinic::text, true);
    UPDATE session SET version = version + cardinality(p_sealed), open = p_open
     WHERE clinic = p_clinic AND id = p_session AND version = p_version AND NOT closed
       AND (p_watch IS NULL
            OR EXISTS (SELECT FROM watch w
                        WHERE w.clinic = p_clinic AND w.id = p_watch AND w.sign_in = p_sign_in AND w.expires_at > p_now));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'session_record: the session has moved on, or its watch has ended' USING ERRCODE = 'CL001';
    END IF;
    FOR number IN 1 .. cardinality(p_sealed) LOOP
        INSERT INTO session_event (clinic, session, seq, sealed)
        VALUES (p_clinic, p_session, p_version + number - 1, p_sealed[number]);
    END LOOP;
    place := ledger_append(p_clinic, p_bodies, p_subjects, p_subject_of);
    RETURN ARRAY[place.generation, place.first_index];
END $$;
GRANT EXECUTE ON FUNCTION session_record(uuid, uuid, integer, bytea[], boolean, bytea[], uuid[], integer[], uuid, uuid, timestamptz)
   TO clerestory_app;
