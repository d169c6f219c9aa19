-- The catalog, the users and what they were shown and did.
--
-- Identifiers are any UTF-8 of 1 to 256 bytes and sort bytewise, hence COLLATE "C" throughout.

CREATE TABLE users (
    user_id    text COLLATE "C" PRIMARY KEY CHECK (octet_length(user_id) BETWEEN 1 AND 256),
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    created_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE items (
    item_id    text COLLATE "C" PRIMARY KEY CHECK (octet_length(item_id) BETWEEN 1 AND 256),
    title      text,
    creator_id text COLLATE "C",
    categories text[] NOT NULL DEFAULT '{}',
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    created_at timestamptz,
    hidden     boolean NOT NULL DEFAULT false,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- What the attributes mean to the models.
CREATE TABLE attribute_definitions (
    entity text NOT NULL CHECK (entity IN ('user', 'item')),
    name   text COLLATE "C" NOT NULL,
    kind   text NOT NULL CHECK (kind IN ('categorical', 'multi', 'numeric', 'text')),
    PRIMARY KEY (entity, name)
);

-- Kinds of feedback, numbered so that a row's feedback is a bit mask. A signal is never removed or renumbered.
CREATE TABLE signals (
    signal_id smallint PRIMARY KEY CHECK (signal_id BETWEEN 0 AND 31),
    name      text COLLATE "C" NOT NULL UNIQUE CHECK (octet_length(name) BETWEEN 1 AND 256)
);

-- An item shown to a user. "observed" has a bit for each signal that was recorded for it; null: all.
CREATE TABLE impressions (
    impression_id     text COLLATE "C" NOT NULL CHECK (octet_length(impression_id) BETWEEN 1 AND 256),
    user_id           text COLLATE "C" NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 256),
    item_id           text COLLATE "C" NOT NULL CHECK (octet_length(item_id) BETWEEN 1 AND 256),
    shown_at          timestamptz NOT NULL,
    position          integer,
    propensity        real CHECK (propensity > 0 AND propensity <= 1),
    recommendation_id text COLLATE "C" CHECK (octet_length(recommendation_id) BETWEEN 1 AND 256),
    observed          integer,
    PRIMARY KEY (impression_id, item_id)
);
CREATE INDEX impressions_by_user ON impressions (user_id, shown_at);
CREATE INDEX impressions_by_recommendation ON impressions (recommendation_id, item_id)
    WHERE recommendation_id IS NOT NULL;

-- Something a user did with an item. It answers the impression that it names, or else the first impression of the
-- item in the recommendation that it names, always of the same user; which one that is, is found when it is read, so
-- that events and impressions may arrive in any order.
--
-- No foreign keys: an event may arrive before its user, item and impression. None to signals either, because the
-- check would lock one row of that small table for every event; signals are never removed.
CREATE TABLE events (
    event_id          text COLLATE "C" PRIMARY KEY CHECK (octet_length(event_id) BETWEEN 1 AND 256),
    signal_id         smallint NOT NULL CHECK (signal_id BETWEEN 0 AND 31),
    user_id           text COLLATE "C" NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 256),
    item_id           text COLLATE "C" NOT NULL CHECK (octet_length(item_id) BETWEEN 1 AND 256),
    occurred_at       timestamptz NOT NULL,
    value             double precision,
    impression_id     text COLLATE "C" CHECK (octet_length(impression_id) BETWEEN 1 AND 256),
    recommendation_id text COLLATE "C" CHECK (octet_length(recommendation_id) BETWEEN 1 AND 256),
    session_id        text COLLATE "C" CHECK (octet_length(session_id) BETWEEN 1 AND 256),
    position          integer
);
CREATE INDEX events_by_user ON events (user_id, occurred_at);
CREATE INDEX events_by_impression ON events (impression_id, item_id) WHERE impression_id IS NOT NULL;
CREATE INDEX events_by_recommendation ON events (recommendation_id, item_id) WHERE recommendation_id IS NOT NULL;
