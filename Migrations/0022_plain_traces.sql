-- Traces are written with every request and read one at a time: as text they need not be taken apart, and LZ4 costs a tenth of
-- what Postgres's own compression does.
ALTER TABLE recommendation_traces ALTER COLUMN trace TYPE json USING trace::json;
DO $$
BEGIN
    ALTER TABLE recommendation_traces ALTER COLUMN trace SET COMPRESSION lz4;
EXCEPTION
    -- A server that was built without it keeps its own.
    WHEN feature_not_supported THEN NULL;
END $$;
