-- Treatment sessions: each is its own unit of deletion, an append-only list of sealed events.
CREATE TABLE session (
    clinic   uuid    NOT NULL,
    id       uuid    NOT NULL,
    patient  uuid    NOT NULL,
    -- The day it is planned for, in the clinic's calendar.
    day      date    NOT NULL,
    -- How many events it has; an append names the version that it saw.
    version  integer NOT NULL CHECK (version >= 0),
    -- Still on the board.
    open     boolean NOT NULL,
    -- Set once destruction is intended: no later receipt, no later row.
    closed   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (clinic, id),
    FOREIGN KEY (clinic, patient) REFERENCES patient
) WITH (fillfactor = 70);
CREATE INDEX session_board ON session (clinic, day) WHERE open;

CREATE TABLE session_event (
    clinic     uuid    NOT NULL,
    session    uuid    NOT NULL,
    seq        integer NOT NULL CHECK (seq >= 0),
    sealed     bytea   NOT NULL,
    PRIMARY KEY (clinic, session, seq),
    FOREIGN KEY (clinic, session) REFERENCES session
);

-- Moves a session on by an append, if it still stands where the writer saw it.
CREATE FUNCTION session_advance(p_session uuid, p_version integer, p_events integer, p_open boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE session SET version = version + p_events, open = p_open
     WHERE clinic = clinic_now() AND id = p_session AND version = p_version AND NOT closed;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'session_advance: the session has moved on' USING ERRCODE = 'CL001';
    END IF;
END $$;

ALTER TABLE session OWNER TO clerestory_owner;
ALTER TABLE session_event OWNER TO clerestory_owner;
ALTER TABLE session ENABLE ROW LEVEL SECURITY;
ALTER TABLE session FORCE ROW LEVEL SECURITY;
ALTER TABLE session_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_event FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON session USING (clinic = clinic_now()) WITH CHECK (clinic = clinic_now());
CREATE POLICY wall ON session_event USING (clinic = clinic_now()) WITH CHECK (clinic = clinic_now());
GRANT SELECT, INSERT ON session, session_event TO clerestory_app;
GRANT UPDATE (version, open, closed) ON session TO clerestory_app;
GRANT DELETE ON session, session_event TO clerestory_app;
GRANT EXECUTE ON FUNCTION session_advance(uuid, integer, integer, boolean) TO clerestory_app;
