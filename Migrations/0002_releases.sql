-- Trained models, the releases made of them, and the traces of what was recommended.

CREATE TABLE model_versions (
    model_id   text PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('retrieval', 'ranker')),
    created_at timestamptz NOT NULL,
    config     jsonb NOT NULL,
    seed       bigint NOT NULL,
    metrics    jsonb NOT NULL,
    data_from  timestamptz,
    data_until timestamptz,
    parent_id  text REFERENCES model_versions,
    checksum   text NOT NULL
);

CREATE TABLE releases (
    release_id         text PRIMARY KEY,
    state              text NOT NULL CHECK (state IN ('ready', 'active', 'retired', 'failed')),
    created_at         timestamptz NOT NULL,
    activated_at       timestamptz,
    retrieval_model_id text NOT NULL REFERENCES model_versions,
    ranker_model_id    text NOT NULL REFERENCES model_versions,
    path               text NOT NULL,
    manifest_checksum  text NOT NULL,
    config             jsonb NOT NULL,
    metrics            jsonb NOT NULL
);

-- Exactly one release is active.
CREATE UNIQUE INDEX one_active_release ON releases ((true)) WHERE state = 'active';

-- The order in which releases were activated. Activating adds a row; rolling back marks the newest row that is not
-- marked yet, and what the next such row names becomes active again. So several rollbacks walk further back.
CREATE TABLE release_activations (
    activation_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    release_id     text NOT NULL REFERENCES releases ON DELETE CASCADE,
    activated_at   timestamptz NOT NULL DEFAULT now(),
    rolled_back_at timestamptz
);
CREATE INDEX release_activations_standing ON release_activations (activation_id) WHERE rolled_back_at IS NULL;

CREATE TABLE recommendation_traces (
    recommendation_id text COLLATE "C" PRIMARY KEY,
    user_id           text COLLATE "C",
    release_id        text,
    created_at        timestamptz NOT NULL,
    trace             jsonb NOT NULL
);
CREATE INDEX recommendation_traces_by_time ON recommendation_traces (created_at);
