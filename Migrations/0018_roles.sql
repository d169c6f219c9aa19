-- Roles with no more rights than each work takes. Logins are made members of them; nobody logs in as one of them.
--
--   cascade_reader   reads everything, for those who analyse
--   cascade_server   answers requests: reads, and writes feedback, traces, follows, hidden items and jobs
--   cascade_catalog  writes items and users and imports; removes users
--   cascade_trainer  trains and does jobs: registers, activates and tunes releases, and counts for them
--
-- Roles belong to the whole cluster, rights to this database. Where the roles are missing and may not be made, nothing is granted
-- and a notice says so: once they are there, the owner runs SELECT grant_cascade_roles(). A migration that adds a table replaces
-- that function and runs it.

CREATE FUNCTION grant_cascade_roles() RETURNS void LANGUAGE plpgsql AS $$
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
        recommendation_traces, job_schedules, jobs, job_log
        TO cascade_reader, cascade_server, cascade_catalog, cascade_trainer;
    GRANT SELECT ON release_activations, user_erasures, log_state TO cascade_reader, cascade_trainer;

    -- Not for those who analyse: whoever can read digests can look for weak keys.
    GRANT SELECT ON api_keys TO cascade_server;

    -- Feedback, by requests and by imports; what the triggers of the logs count goes along.
    GRANT INSERT ON events, impressions, event_ids, impression_ids, signals, counter_recent
        TO cascade_server, cascade_catalog;
    GRANT EXECUTE ON FUNCTION ensure_log_months(date[]) TO cascade_server, cascade_catalog;
    GRANT INSERT, UPDATE, DELETE ON user_relations, user_hidden_items TO cascade_server, cascade_catalog;
    GRANT INSERT, UPDATE ON recommendation_traces TO cascade_server;
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
    GRANT DELETE ON events, impressions, event_ids, impression_ids, recommendation_traces, counter_recent, counter_buckets
        TO cascade_catalog;
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

-- Holds writers of the logs back until the transaction ends, without the right to change their rows that LOCK TABLE asks for.
CREATE FUNCTION hold_log_writers() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE impressions, events IN SHARE MODE;
END
$$;

-- Both act as the owner, so they look nowhere but where the tables are.
DO $$
DECLARE
    place text := (SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = 'events'::regclass);
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['ensure_log_months(date[])', 'hold_log_writers()'] LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %s, pg_temp', name, place);
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', name);
    END LOOP;
    EXECUTE 'REVOKE EXECUTE ON FUNCTION grant_cascade_roles() FROM PUBLIC';
END
$$;

SELECT grant_cascade_roles();
