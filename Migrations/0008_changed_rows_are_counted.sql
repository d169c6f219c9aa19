-- Rows of the logs that a statement changes are counted as they are, and no more as they were.

DROP TRIGGER impressions_are_counted ON impressions;
DROP TRIGGER deleted_impressions_are_uncounted ON impressions;
DROP TRIGGER events_are_counted ON events;
DROP TRIGGER deleted_events_are_uncounted ON events;

CREATE OR REPLACE FUNCTION count_impressions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- The argument: 1 for rows that are there now, -1 for rows that were there before.
    sign bigint := TG_ARGV[0];
BEGIN
    IF NOT EXISTS (SELECT FROM counter_series) THEN RETURN NULL; END IF;
    INSERT INTO counter_recent
    SELECT s.series_id,
        counter_key(s.parts, t.user_id, t.item_id, i.creator_id, i.categories, i.attributes),
        counter_second(t.shown_at), sign * count(*),
        sign * count(*) FILTER (WHERE t.observed IS NULL OR t.observed >> s.first_signal & 1 = 1), 0,
        sign * count(*) FILTER (WHERE s.second_signal IS NOT NULL
            AND (t.observed IS NULL OR t.observed >> s.second_signal & 1 = 1)), 0
    FROM touched AS t CROSS JOIN counter_series AS s LEFT JOIN items AS i ON i.item_id = t.item_id
    GROUP BY 1, 2, 3;
    RETURN NULL;
END
$$;

-- Only events that say what they answer: a rate is of what was shown.
CREATE OR REPLACE FUNCTION count_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign bigint := TG_ARGV[0];
BEGIN
    IF NOT EXISTS (SELECT FROM counter_series) THEN RETURN NULL; END IF;
    INSERT INTO counter_recent
    SELECT s.series_id,
        counter_key(s.parts, t.user_id, t.item_id, i.creator_id, i.categories, i.attributes),
        counter_second(t.occurred_at), 0,
        0, sign * count(*) FILTER (WHERE t.signal_id = s.first_signal),
        0, sign * count(*) FILTER (WHERE t.signal_id = s.second_signal)
    FROM touched AS t JOIN counter_series AS s ON t.signal_id IN (s.first_signal, s.second_signal)
        LEFT JOIN items AS i ON i.item_id = t.item_id
    WHERE t.impression_id IS NOT NULL OR t.recommendation_id IS NOT NULL
    GROUP BY 1, 2, 3;
    RETURN NULL;
END
$$;

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
