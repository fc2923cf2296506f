-- What a phone asks for most often, as one statement each: the clinic is set, the question is asked and the transaction ends
-- without a word in between. They run with the caller's rights, so the walls stand in front of each table as everywhere.

-- The sign-in of a cookie's secret, with its person, unless it was ended or the person is no longer active.
CREATE FUNCTION sign_in_find(p_clinic uuid, p_token_hash bytea, OUT id uuid, OUT person uuid, OUT role text, OUT time_zone text,
                             OUT expires_at timestamptz, OUT seen_at timestamptz) RETURNS SETOF record
LANGUAGE plpgsql AS $$
DECLARE
    wall text;
BEGIN
    wall := set_config('app.clinic', p_clinic::text, true);
    RETURN QUERY
    SELECT s.id, s.person, p.role, c.time_zone, s.expires_at, coalesce(i.seen_at, s.created_at)
      FROM sign_in s
      JOIN person p ON p.clinic = p_clinic AND p.id = s.person
      JOIN clinic c ON c.clinic = p_clinic
      LEFT JOIN sign_in_idle i ON i.clinic = p_clinic AND i.sign_in = s.id
     WHERE s.clinic = p_clinic AND s.token_hash = p_token_hash AND s.ended_at IS NULL AND p.active;
END $$;
GRANT EXECUTE ON FUNCTION sign_in_find(uuid, bytea) TO clerestory_app;

-- A session with its sealed events in their order, and the watch that this sign-in holds, if it still does.
CREATE FUNCTION session_under_watch(p_clinic uuid, p_session uuid, p_watch uuid, p_sign_in uuid, p_now timestamptz,
                                    OUT patient uuid, OUT day date, OUT version integer, OUT open boolean, OUT sealed bytea[],
                                    OUT person uuid, OUT purpose text, OUT units uuid[], OUT generation integer, OUT entry bigint,
                                    OUT expires_at timestamptz) RETURNS SETOF record
LANGUAGE plpgsql AS $$
DECLARE
    wall text;
BEGIN
    wall := set_config('app.clinic', p_clinic::text, true);
    RETURN QUERY
    SELECT s.patient, s.day, s.version, s.open,
           ARRAY(SELECT e.sealed FROM session_event e
                  WHERE e.clinic = p_clinic AND e.session = p_session ORDER BY e.seq),
           w.person, w.purpose, w.units, w.generation, w.entry, w.expires_at
      FROM session s
      LEFT JOIN (watch w JOIN sign_in i ON i.clinic = p_clinic AND i.id = w.sign_in AND i.ended_at IS NULL)
        ON w.clinic = p_clinic AND w.id = p_watch AND w.sign_in = p_sign_in AND w.expires_at > p_now
     WHERE s.clinic = p_clinic AND s.id = p_session AND NOT s.closed;
END $$;
GRANT EXECUTE ON FUNCTION session_under_watch(uuid, uuid, uuid, uuid, timestamptz) TO clerestory_app;

-- Appends sealed events to a session that stands at a version, with their entry as a leaf: the session's row first, the one
-- head last, as everywhere.
CREATE FUNCTION session_record(p_clinic uuid, p_session uuid, p_version integer, p_sealed bytea[], p_open boolean,
                               p_bodies bytea[], p_subjects uuid[], p_subject_of integer[],
                               OUT generation integer, OUT first_index bigint)
LANGUAGE plpgsql AS $$
DECLARE
    wall  text;
    place record;
BEGIN
    wall := set_config('app.clinic', p_clinic::text, true);
    WITH advanced AS (
        UPDATE session SET version = version + cardinality(p_sealed), open = p_open
         WHERE clinic = p_clinic AND id = p_session AND version = p_version AND NOT closed
        RETURNING id
    )
    INSERT INTO session_event (clinic, session, seq, sealed)
    SELECT p_clinic, advanced.id, p_version + e.number::integer - 1, e.sealed
      FROM advanced, unnest(p_sealed) WITH ORDINALITY AS e (sealed, number);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'session_record: the session has moved on' USING ERRCODE = 'CL001';
    END IF;
    place := ledger_append(p_clinic, p_bodies, p_subjects, p_subject_of);
    generation := place.generation;
    first_index := place.first_index;
END $$;
GRANT EXECUTE ON FUNCTION session_record(uuid, uuid, integer, bytea[], boolean, bytea[], uuid[], integer[]) TO clerestory_app;

-- The only door, with the same leaves and nodes as before: fewer statements, and the head's columns by themselves.
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
    IF coalesce(array_length(p_bodies, 1), 0) = 0 THEN
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
    WITH found_by AS (
        INSERT INTO public.ledger_subject
        SELECT p_clinic, s.subject, generation, first_index + s.of
          FROM unnest(p_subjects, p_subject_of) AS s (subject, of)
    )
    UPDATE public.ledger_head h SET size = leaves, frontier = roots WHERE h.clinic = p_clinic;
END $$;
