-- A watch falls with its sign-in (V13), but for one: a page that was asked for before the sign-in ended, and whose watch is
-- written down after. So the write asks for the sign-in as well. Else as in V13.
CREATE OR REPLACE FUNCTION steps_record(p_clinic uuid, p_sessions uuid[], p_versions integer[], p_open boolean[], p_bodies bytea[],
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
                             JOIN sign_in n ON n.clinic = w.clinic AND n.id = w.sign_in AND n.ended_at IS NULL
                             JOIN person p ON p.clinic = n.clinic AND p.id = n.person AND p.active
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
