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

-- Steps of a clinic's sessions, each with its sealed events and its entry as a leaf, all in one transaction: the sessions' rows
-- first, in the order in which they are given (the caller sorts them by id), the one head last, as everywhere. A step whose
-- session has moved on, or whose watch its sign-in does not hold any more, is left out, and the others go in. A step without a
-- watch was decided under a receipt of its own request.
-- Answers with the generation and the first leaf's index, null where nothing went in, and then the numbers, from 1, of the steps
-- that were left out: the others' leaves follow each other.
DROP FUNCTION session_record(uuid, uuid, integer, bytea[], boolean, bytea[], uuid[], integer[]);
CREATE FUNCTION steps_record(p_clinic uuid, p_sessions uuid[], p_versions integer[], p_open boolean[], p_bodies bytea[],
                             p_watches uuid[], p_sign_ins uuid[], p_at timestamptz[],
                             -- Events of all steps, how many each has, and the steps' own numbers, from 0.
                             p_sealed bytea[], p_events integer[], p_numbers integer[]) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
    wall     text;
    next     integer := 1;
    left_out bigint[] := '{}';
    bodies   bytea[];
    sessions uuid[];
    place    record;
BEGIN
    wall := set_config('app.clinic', p_clinic::text, true);
    FOR step IN 1 .. cardinality(p_sessions) LOOP
        UPDATE session SET version = version + p_events[step], open = p_open[step]
         WHERE clinic = p_clinic AND id = p_sessions[step] AND version = p_versions[step] AND NOT closed
           AND (p_watches[step] IS NULL
                OR EXISTS (SELECT FROM watch w
                            WHERE w.clinic = p_clinic AND w.id = p_watches[step] AND w.sign_in = p_sign_ins[step]
                              AND w.expires_at > p_at[step]));
        IF FOUND THEN
            FOR number IN 0 .. p_events[step] - 1 LOOP
                INSERT INTO session_event (clinic, session, seq, sealed)
                VALUES (p_clinic, p_sessions[step], p_versions[step] + number, p_sealed[next + number]);
            END LOOP;
        ELSE
            left_out := left_out || step::bigint;
        END IF;
        next := next + p_events[step];
    END LOOP;
    IF left_out = '{}' THEN
        place := ledger_append(p_clinic, p_bodies, p_sessions, p_numbers);
    ELSIF cardinality(left_out) < cardinality(p_sessions) THEN
        SELECT array_agg(body ORDER BY number), array_agg(session ORDER BY number) INTO bodies, sessions
          FROM unnest(p_bodies, p_sessions) WITH ORDINALITY AS step (body, session, number)
         WHERE number <> ALL (left_out);
        place := ledger_append(p_clinic, bodies, sessions, p_numbers[1:cardinality(bodies)]);
    ELSE
        RETURN ARRAY[NULL, NULL]::bigint[] || left_out;
    END IF;
    RETURN ARRAY[place.generation, place.first_index] || left_out;
END $$;
GRANT EXECUTE ON FUNCTION steps_record(uuid, uuid[], integer[], boolean[], bytea[], uuid[], uuid[], timestamptz[], bytea[], integer[], integer[])
   TO clerestory_app;

-- What every role may do by PostgreSQL's defaults, and ours have no use for: large objects and temporary tables are places to
-- write into outside the walls.
DO $$
BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$;
REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea), lo_put(oid, bigint, bytea),
                           lowrite(integer, bytea) FROM PUBLIC;
-- The tripwire asks for the superuser as well: a setting alone anybody can make.
CREATE OR REPLACE FUNCTION ddl_refuse() RETURNS event_trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('app.migrating', true) IS DISTINCT FROM 'yes'
       OR NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user) THEN
        RAISE EXCEPTION 'the schema changes only by migrations (refused: %)', tg_tag
            USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;
