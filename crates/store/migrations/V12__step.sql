-- What a step asks, in one question: the sign-in of the cookie's secret, with its person, unless it was ended or the person is
-- no longer active; and the session with its sealed events in their order, and the watch that this sign-in holds, where there
-- are such. Runs with the caller's rights, as its like in V11.
CREATE FUNCTION step_find(p_clinic uuid, p_token_hash bytea, p_session uuid, p_watch uuid, p_now timestamptz,
                          OUT id uuid, OUT person uuid, OUT role text, OUT time_zone text, OUT expires_at timestamptz,
                          OUT seen_at timestamptz,
                          OUT patient uuid, OUT day date, OUT version integer, OUT open boolean, OUT sealed bytea[],
                          OUT watch_person uuid, OUT purpose text, OUT units uuid[], OUT generation integer, OUT entry bigint,
                          OUT watch_expires_at timestamptz) RETURNS SETOF record
LANGUAGE plpgsql AS $$
DECLARE
    wall text;
BEGIN
    wall := set_config('app.clinic', p_clinic::text, true);
    RETURN QUERY
    SELECT n.id, n.person, p.role, c.time_zone, n.expires_at, coalesce(i.seen_at, n.created_at),
           s.patient, s.day, s.version, s.open,
           ARRAY(SELECT e.sealed FROM session_event e
                  WHERE e.clinic = p_clinic AND e.session = p_session AND NOT s.closed ORDER BY e.seq),
           w.person, w.purpose, w.units, w.generation, w.entry, w.expires_at
      FROM sign_in n
      JOIN person p ON p.clinic = p_clinic AND p.id = n.person
      JOIN clinic c ON c.clinic = p_clinic
      LEFT JOIN sign_in_idle i ON i.clinic = p_clinic AND i.sign_in = n.id
      LEFT JOIN session s ON s.clinic = p_clinic AND s.id = p_session AND NOT s.closed
      LEFT JOIN watch w ON w.clinic = p_clinic AND w.id = p_watch AND w.sign_in = n.id AND w.expires_at > p_now
     WHERE n.clinic = p_clinic AND n.token_hash = p_token_hash AND n.ended_at IS NULL AND p.active;
END $$;
GRANT EXECUTE ON FUNCTION step_find(uuid, bytea, uuid, uuid, timestamptz) TO clerestory_app;
DROP FUNCTION session_under_watch(uuid, uuid, uuid, uuid, timestamptz);

-- A check that hangs on a table is read and prepared anew by every statement that writes there. These columns are written by
-- few functions, and those hold to them: the tree's by its one door (which looks at the body's length, below), a session's
-- version and its events' numbers by counting on from 0.
ALTER TABLE ledger_head DROP CONSTRAINT ledger_head_generation_check, DROP CONSTRAINT ledger_head_size_check;
ALTER TABLE ledger_leaf DROP CONSTRAINT ledger_leaf_body_check;
ALTER TABLE session DROP CONSTRAINT session_version_check;
ALTER TABLE session_event DROP CONSTRAINT session_event_seq_check;

-- The only door: as in V11, and it refuses an entry that is empty or too long.
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
    WITH found_by AS (
        INSERT INTO public.ledger_subject
        SELECT p_clinic, s.subject, generation, first_index + s.of
          FROM unnest(p_subjects, p_subject_of) AS s (subject, of)
    )
    UPDATE public.ledger_head h SET size = leaves, frontier = roots WHERE h.clinic = p_clinic;
END $$;
