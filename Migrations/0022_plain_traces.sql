-- Traces are written with every request and read by few: as text they need not be taken apart, and LZ4 costs less than
-- Postgres's own compression. The traces that are there are written anew, while the table is locked.
DO $$
BEGIN
    ALTER TABLE recommendation_traces ALTER COLUMN trace SET COMPRESSION lz4;
EXCEPTION
    -- A server that was built without it keeps its own.
    WHEN feature_not_supported THEN NULL;
END $$;
ALTER TABLE recommendation_traces ALTER COLUMN trace TYPE json USING trace::json;

-- As before, and servers remove the traces that are too old.
CREATE OR REPLACE FUNCTION grant_cascade_roles() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place text := (SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = 'events'::regclass);
    wanted text[] := ARRAY['cascade_reader', 'cascade_server', 'cascade_catalog', 'cascade_trainer'];
    missing text[] := '{}';
    role text;
BEGIN
    FOREACH role IN ARRAY wanted LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = role);
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        EXCEPTION
            WHEN insufficient_privilege THEN missing := missing || role;
            -- Another database of the cluster has made it just now.
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
    IF cardinality(missing) > 0 THEN
        RAISE NOTICE 'the roles % are missing and % may not make them: have an administrator run CREATE ROLE for each, '
            'then run SELECT grant_cascade_roles()', array_to_string(missing, ', '), current_user;
        RETURN;
    END IF;

    FOREACH role IN ARRAY wanted LOOP
        CONTINUE WHEN has_schema_privilege(role, place, 'USAGE');
        EXECUTE format('GRANT USAGE ON SCHEMA %s TO %I', place, role);
    END LOOP;

    GRANT SELECT ON schema_migrations, users, items, deleted_items, attribute_definitions, vector_definitions,
        item_vectors, signals, events, impressions, event_ids, impression_ids, user_relations, user_hidden_items,
        model_versions, releases, head_factors, counter_series, counter_recent, counter_buckets, counter_state,
        recommendation_traces, slate_pages, job_schedules, jobs, job_log
        TO cascade_reader, cascade_server, cascade_catalog, cascade_trainer;
    GRANT SELECT ON release_activations, user_erasures, log_state TO cascade_reader, cascade_trainer;

    -- Not for those who analyse: whoever can read digests can look for weak keys.
    GRANT SELECT ON api_keys TO cascade_server;

    -- Feedback, by requests and by imports; what the triggers of the logs count goes along.
    GRANT INSERT ON events, impressions, event_ids, impression_ids, signals, counter_recent
        TO cascade_server, cascade_catalog;
    GRANT EXECUTE ON FUNCTION ensure_log_months(date[]) TO cascade_server, cascade_catalog;
    GRANT INSERT, UPDATE, DELETE ON user_relations, user_hidden_items TO cascade_server, cascade_catalog;
    GRANT INSERT, UPDATE, DELETE ON recommendation_traces TO cascade_server;
    GRANT INSERT, DELETE ON slate_pages TO cascade_server;
    -- Answers of others are nobody's to read but those who repeat them.
    GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO cascade_server;
    GRANT INSERT, UPDATE ON jobs TO cascade_server, cascade_trainer;
    GRANT INSERT, UPDATE, DELETE ON job_schedules TO cascade_server, cascade_trainer;
    GRANT INSERT ON job_log TO cascade_trainer;

    -- Folding what was counted.
    GRANT DELETE ON counter_recent TO cascade_server, cascade_trainer;
    GRANT INSERT, UPDATE, DELETE ON counter_buckets TO cascade_server, cascade_trainer;
    GRANT UPDATE ON counter_state TO cascade_server, cascade_trainer;

    GRANT INSERT, UPDATE, DELETE ON users, items, item_vectors, deleted_items TO cascade_catalog;
    GRANT INSERT, UPDATE ON attribute_definitions TO cascade_catalog;
    GRANT INSERT ON vector_definitions TO cascade_catalog;
    -- Removing a user.
    GRANT DELETE ON events, impressions, event_ids, impression_ids, recommendation_traces, slate_pages, counter_recent,
        counter_buckets TO cascade_catalog;
    GRANT INSERT ON user_erasures TO cascade_catalog;
    -- For the lock that keeps counters as they are meanwhile.
    GRANT UPDATE ON counter_state TO cascade_catalog;

    GRANT INSERT, UPDATE ON releases, release_activations TO cascade_trainer;
    GRANT INSERT, UPDATE (checksum) ON model_versions TO cascade_trainer;
    GRANT INSERT ON head_factors TO cascade_trainer;
    GRANT INSERT, DELETE ON counter_series TO cascade_trainer;
    GRANT INSERT ON counter_recent TO cascade_trainer;
    GRANT EXECUTE ON FUNCTION hold_log_writers() TO cascade_trainer;
END
$$;

SELECT grant_cascade_roles();
