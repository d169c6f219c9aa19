-- Changing the type of a column, as 0022 did, gives it the server's own compression again, which takes longer than all else
-- that a trace needs. What is there stays as it is.
DO $$
BEGIN
    ALTER TABLE recommendation_traces ALTER COLUMN trace SET COMPRESSION lz4;
EXCEPTION
    -- A server that was built without it keeps its own.
    WHEN feature_not_supported THEN NULL;
END $$;
