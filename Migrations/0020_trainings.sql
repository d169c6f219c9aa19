-- A release is there, without models and artifacts, from the moment its training begins, so that everybody sees what is trained and
-- what came to nothing.

ALTER TABLE releases
    ALTER COLUMN retrieval_model_id DROP NOT NULL,
    ALTER COLUMN manifest_checksum DROP NOT NULL,
    -- When its training was last heard of; null for what was made without one that was announced.
    ADD COLUMN heard_at timestamptz,
    ADD COLUMN job_id text,
    -- Why it failed.
    ADD COLUMN failure text,
    DROP CONSTRAINT releases_state_check,
    ADD CONSTRAINT releases_state_check
        CHECK (state IN ('training', 'ready', 'active', 'retired', 'failed', 'removed')),
    -- What can be served has models and artifacts; what is trained has a sign of life.
    ADD CONSTRAINT releases_built_check
        CHECK ((retrieval_model_id IS NULL) = (manifest_checksum IS NULL)
            AND (state IN ('training', 'failed', 'removed') OR manifest_checksum IS NOT NULL)),
    ADD CONSTRAINT releases_training_check
        CHECK (state <> 'training' OR (manifest_checksum IS NULL AND heard_at IS NOT NULL));
