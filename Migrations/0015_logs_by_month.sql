-- Events and impressions by month, so that old ones go by dropping a table, and indexes of the present stay small.
--
-- A month begins in UTC. Rows from before "months_from" are in one partition: each further partition is looked at by every
-- query of a user's past, and logs that are imported may reach back for decades. Identifiers are unique over all months, which no
-- index of a partitioned table can see to: they are kept in tables of their own, where a writer puts them first, and
-- writes the rows alone whose identifiers were new. Whoever inserts into the logs by hand does the same.

-- Nobody writes from here on: a row that came in between would have no identifier.
LOCK TABLE impressions, events IN ACCESS EXCLUSIVE MODE;

CREATE TABLE log_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    months_from timestamptz NOT NULL,
    -- Up to when months were dropped, and up to when they are no longer counted over windows of time.
    dropped_until timestamptz,
    uncounted_until timestamptz
);
-- The present month, or the next one where there are rows: those stay where they are.
INSERT INTO log_state (months_from)
SELECT (date_trunc('month', now() AT TIME ZONE 'UTC')
    + CASE WHEN EXISTS (SELECT FROM events) OR EXISTS (SELECT FROM impressions) THEN interval '1 month'
        ELSE interval '0' END) AT TIME ZONE 'UTC';

CREATE TABLE event_ids (
    event_id    text COLLATE "C" PRIMARY KEY,
    occurred_at timestamptz NOT NULL
) PARTITION BY HASH (event_id);
CREATE TABLE impression_ids (
    impression_id text COLLATE "C" NOT NULL,
    item_id       text COLLATE "C" NOT NULL,
    shown_at      timestamptz NOT NULL,
    PRIMARY KEY (impression_id, item_id)
) PARTITION BY HASH (impression_id);
DO $$
BEGIN
    FOR part IN 0..3 LOOP
        EXECUTE format(
            'CREATE TABLE event_ids_%s PARTITION OF event_ids FOR VALUES WITH (MODULUS 4, REMAINDER %s)', part, part);
        EXECUTE format(
            'CREATE TABLE impression_ids_%s PARTITION OF impression_ids FOR VALUES WITH (MODULUS 4, REMAINDER %s)',
            part, part);
    END LOOP;
END
$$;
-- Small, and all that it takes to find what is old.
CREATE INDEX event_ids_by_time ON event_ids USING brin (occurred_at);
CREATE INDEX impression_ids_by_time ON impression_ids USING brin (shown_at);
INSERT INTO event_ids SELECT event_id, occurred_at FROM events ORDER BY event_id;
INSERT INTO impression_ids SELECT impression_id, item_id, shown_at FROM impressions ORDER BY impression_id, item_id;

-- What there is becomes the partition of the times before; without the triggers, which belong to the whole.
DROP TRIGGER impressions_are_counted ON impressions;
DROP TRIGGER deleted_impressions_are_uncounted ON impressions;
DROP TRIGGER former_impressions_are_uncounted ON impressions;
DROP TRIGGER changed_impressions_are_counted ON impressions;
DROP TRIGGER events_are_counted ON events;
DROP TRIGGER deleted_events_are_uncounted ON events;
DROP TRIGGER former_events_are_uncounted ON events;
DROP TRIGGER changed_events_are_counted ON events;

ALTER TABLE events DROP CONSTRAINT events_pkey;
ALTER TABLE events ALTER COLUMN event_id SET NOT NULL;
ALTER TABLE events RENAME TO events_before;
ALTER INDEX events_by_user RENAME TO events_before_by_user;
ALTER INDEX events_by_impression RENAME TO events_before_by_impression;
ALTER INDEX events_by_recommendation RENAME TO events_before_by_recommendation;
ALTER TABLE impressions DROP CONSTRAINT impressions_pkey;
ALTER TABLE impressions ALTER COLUMN impression_id SET NOT NULL;
ALTER TABLE impressions ALTER COLUMN item_id SET NOT NULL;
ALTER TABLE impressions RENAME TO impressions_before;
ALTER INDEX impressions_by_user RENAME TO impressions_before_by_user;
ALTER INDEX impressions_by_recommendation RENAME TO impressions_before_by_recommendation;

CREATE TABLE events (LIKE events_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (occurred_at);
CREATE TABLE impressions (LIKE impressions_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (shown_at);

CREATE TEMPORARY TABLE early_events ON COMMIT DROP AS
    SELECT * FROM events_before WHERE occurred_at >= (SELECT months_from FROM log_state);
DELETE FROM events_before WHERE occurred_at >= (SELECT months_from FROM log_state);
CREATE TEMPORARY TABLE early_impressions ON COMMIT DROP AS
    SELECT * FROM impressions_before WHERE shown_at >= (SELECT months_from FROM log_state);
DELETE FROM impressions_before WHERE shown_at >= (SELECT months_from FROM log_state);

DO $$
DECLARE
    start timestamptz := (SELECT months_from FROM log_state);
BEGIN
    EXECUTE format('ALTER TABLE events ATTACH PARTITION events_before FOR VALUES FROM (MINVALUE) TO (%L)', start);
    EXECUTE format('ALTER TABLE impressions ATTACH PARTITION impressions_before FOR VALUES FROM (MINVALUE) TO (%L)', start);
END
$$;
-- For times that nobody means.
CREATE TABLE events_far PARTITION OF events FOR VALUES FROM ('2100-01-01 00:00:00+00') TO (MAXVALUE);
CREATE TABLE impressions_far PARTITION OF impressions FOR VALUES FROM ('2100-01-01 00:00:00+00') TO (MAXVALUE);

CREATE INDEX events_by_user ON events (user_id, occurred_at);
CREATE INDEX events_by_time ON events USING brin (occurred_at);
CREATE INDEX events_by_impression ON events (impression_id, item_id) WHERE impression_id IS NOT NULL;
CREATE INDEX events_by_recommendation ON events (recommendation_id, item_id) WHERE recommendation_id IS NOT NULL;
CREATE INDEX impressions_by_user ON impressions (user_id, shown_at);
CREATE INDEX impressions_by_time ON impressions USING brin (shown_at);
CREATE INDEX impressions_by_id ON impressions (impression_id, item_id);
CREATE INDEX impressions_by_recommendation ON impressions (recommendation_id, item_id)
    WHERE recommendation_id IS NOT NULL;

-- Makes the partitions of the months that some days lie in, where they are not there. A writer calls it before it writes; attaching waits
-- for no writer and holds none up.
CREATE FUNCTION ensure_log_months(days date[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first timestamp;
    month timestamp;
    log text;
    name text;
BEGIN
    -- Also where all is there: who made it holds the lock until every other session hears of the new partition, which is a little after
    -- its table can be seen.
    LOCK TABLE log_state IN SHARE ROW EXCLUSIVE MODE;
    first := (SELECT months_from AT TIME ZONE 'UTC' FROM log_state);
    FOR month IN
        SELECT DISTINCT date_trunc('month', day::timestamp) FROM unnest(days) AS day
        WHERE day >= first AND day < date '2100-01-01' ORDER BY 1
    LOOP
        FOREACH log IN ARRAY ARRAY['events', 'impressions'] LOOP
            name := log || to_char(month, '_YYYY_MM');
            CONTINUE WHEN to_regclass(name) IS NOT NULL;
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name, log);
            EXECUTE format(
                'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', log, name,
                month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
        END LOOP;
    END LOOP;
END
$$;

SELECT ensure_log_months(ARRAY(
    SELECT (occurred_at AT TIME ZONE 'UTC')::date FROM early_events WHERE occurred_at < '2100-01-01'
    UNION SELECT (shown_at AT TIME ZONE 'UTC')::date FROM early_impressions WHERE shown_at < '2100-01-01'
    UNION SELECT (now() AT TIME ZONE 'UTC' + interval '1 month' * ahead)::date FROM generate_series(0, 2) AS ahead));
INSERT INTO events SELECT * FROM early_events;
INSERT INTO impressions SELECT * FROM early_impressions;

CREATE TRIGGER impressions_are_counted AFTER INSERT ON impressions REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION count_impressions('1');
CREATE TRIGGER deleted_impressions_are_uncounted AFTER DELETE ON impressions REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION count_impressions('-1');
CREATE TRIGGER former_impressions_are_uncounted AFTER UPDATE ON impressions REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION count_impressions('-1');
CREATE TRIGGER changed_impressions_are_counted AFTER UPDATE ON impressions REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION count_impressions('1');
CREATE TRIGGER events_are_counted AFTER INSERT ON events REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION count_events('1');
CREATE TRIGGER deleted_events_are_uncounted AFTER DELETE ON events REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION count_events('-1');
CREATE TRIGGER former_events_are_uncounted AFTER UPDATE ON events REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION count_events('-1');
CREATE TRIGGER changed_events_are_counted AFTER UPDATE ON events REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION count_events('1');
