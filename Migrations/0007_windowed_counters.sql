-- What is counted over windows of time while a release is served that reads it.
--
-- The logs' own triggers count, so whoever writes an impression or an event, by the API, an import or by hand, counts it
-- in the same transaction. They only insert: two writers that count the same key never wait for each other, in whatever
-- order they come, and none is lost. What was inserted is moved into buckets from time to time ("folded"), by one program
-- at a time. A read adds up both.

-- What the release counts, as JSON; null: nothing.
ALTER TABLE releases ADD COLUMN windows jsonb;

-- What is counted at present, one row a counter: those of the active release and of the one before it, so that servers
-- which have not swapped yet, and a rollback, find what they read.
CREATE TABLE counter_series (
    series_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The counter and its signals as text: what tells series apart.
    definition text COLLATE "C" NOT NULL UNIQUE,
    -- One or two properties: user, item, creator, categories, or an attribute behind a colon.
    parts text[] NOT NULL CHECK (cardinality(parts) BETWEEN 1 AND 2),
    -- Of each window the seconds of a bucket, and the buckets before the present one that belong to it; a width of 0 is
    -- all of time.
    widths bigint[] NOT NULL,
    spans bigint[] NOT NULL CHECK (cardinality(spans) = cardinality(widths)),
    -- The counted signals; null where there is one.
    first_signal smallint NOT NULL,
    second_signal smallint
);

-- What was counted lately, by the second in which it happened.
CREATE TABLE counter_recent (
    series_id integer NOT NULL,
    key text COLLATE "C" NOT NULL,
    second bigint NOT NULL,
    impressions bigint NOT NULL,
    first_recorded bigint NOT NULL,
    first_given bigint NOT NULL,
    second_recorded bigint NOT NULL,
    second_given bigint NOT NULL
);
CREATE INDEX counter_recent_by_key ON counter_recent (series_id, key);

-- The rest, by key, window and bucket; written by folds and rebuilds alone.
CREATE TABLE counter_buckets (
    series_id integer NOT NULL,
    key text COLLATE "C" NOT NULL,
    width bigint NOT NULL,
    bucket bigint NOT NULL,
    impressions bigint NOT NULL,
    first_recorded bigint NOT NULL,
    first_given bigint NOT NULL,
    second_recorded bigint NOT NULL,
    second_given bigint NOT NULL,
    PRIMARY KEY (series_id, key, width, bucket)
);

-- Up to which second everything is in buckets (what came later with an older time is in "recent" all the same), and when
-- expired buckets were last removed.
CREATE TABLE counter_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    folded_until bigint,
    pruned_at bigint
);
INSERT INTO counter_state DEFAULT VALUES;

CREATE FUNCTION counter_second(at timestamptz) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT floor(extract(epoch FROM at))::bigint
$$;

CREATE FUNCTION counter_bucket(second bigint, width bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN width = 0 THEN 0 ELSE (second - ((second % width) + width) % width) / width END
$$;

-- The token of one property, or null; of several the first. The program finds the same in CountedPart.token.
CREATE FUNCTION counter_token(
    part text, user_id text, item_id text, creator_id text, categories text[], attributes jsonb
) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    value jsonb;
BEGIN
    IF part = 'user' THEN RETURN user_id; END IF;
    IF part = 'item' THEN RETURN item_id; END IF;
    IF part = 'creator' THEN RETURN creator_id; END IF;
    IF part = 'categories' THEN RETURN categories[array_lower(categories, 1)]; END IF;
    value := attributes -> substr(part, 2);
    RETURN CASE jsonb_typeof(value)
        WHEN 'array' THEN value ->> 0
        WHEN 'number' THEN trim_scale((value #>> '{}')::numeric)::text
        WHEN 'null' THEN NULL
        ELSE value #>> '{}'
    END;
END
$$;

-- The tokens of the parts, each behind its length in bytes, "-" for one that is missing.
CREATE FUNCTION counter_key(
    parts text[], user_id text, item_id text, creator_id text, categories text[], attributes jsonb
) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    key text := '';
    part text;
    token text;
BEGIN
    FOREACH part IN ARRAY parts LOOP
        token := counter_token(part, user_id, item_id, creator_id, categories, attributes);
        key := key || coalesce(octet_length(token) || ':' || token, '-');
    END LOOP;
    RETURN key;
END
$$;

CREATE FUNCTION count_impressions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign bigint := CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END;
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
CREATE FUNCTION count_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign bigint := CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END;
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
    FOR EACH STATEMENT EXECUTE FUNCTION count_impressions();
CREATE TRIGGER deleted_impressions_are_uncounted AFTER DELETE ON impressions REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION count_impressions();
CREATE TRIGGER events_are_counted AFTER INSERT ON events REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION count_events();
CREATE TRIGGER deleted_events_are_uncounted AFTER DELETE ON events REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION count_events();
