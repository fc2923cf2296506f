-- Epochs: the clinics' heads of one moment, as a tree whose root is a leaf of the platform's tree.
CREATE TABLE epoch (
    clinic     uuid        NOT NULL CHECK (clinic = '00000000-0000-0000-0000-000000000000'),
    generation integer     NOT NULL,
    -- The platform leaf that carries this epoch's root.
    index      bigint      NOT NULL,
    -- The head leaves in order, 61 bytes each (docs/formats/ledger.md): what a path to one clinic's head is made from.
    heads      bytea       NOT NULL,
    closed_at  timestamptz NOT NULL,
    PRIMARY KEY (clinic, generation, index)
);
ALTER TABLE epoch OWNER TO clerestory_owner;
ALTER TABLE epoch ENABLE ROW LEVEL SECURITY;
ALTER TABLE epoch FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON epoch USING (clinic = clinic_now()) WITH CHECK (clinic = clinic_now());
GRANT SELECT, INSERT, DELETE ON epoch TO clerestory_app;
