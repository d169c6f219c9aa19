-- Long work that workers do: each job by one worker at a time, which holds it by a lease that it renews.

-- What is to be done again and again: every so often, or after so many new events, whichever is first.
CREATE TABLE job_schedules (
    schedule_id    text COLLATE "C" PRIMARY KEY CHECK (octet_length(schedule_id) BETWEEN 1 AND 256),
    kind           text NOT NULL CHECK (kind IN ('import', 'train', 'index_rebuild', 'evaluate')),
    params         jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(params) = 'object'),
    every_seconds  bigint CHECK (every_seconds > 0),
    after_events   bigint CHECK (after_events > 0),
    max_attempts   integer NOT NULL CHECK (max_attempts > 0),
    created_at     timestamptz NOT NULL DEFAULT now(),
    -- Since when the next one is waited for, and the rows that the logs had taken in by then.
    counted_from   timestamptz NOT NULL DEFAULT now(),
    counted_events bigint NOT NULL DEFAULT 0,
    CHECK (num_nonnulls(every_seconds, after_events) > 0)
);

CREATE TABLE jobs (
    job_id           text COLLATE "C" PRIMARY KEY,
    kind             text NOT NULL CHECK (kind IN ('import', 'train', 'index_rebuild', 'evaluate')),
    params           jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(params) = 'object'),
    state            text NOT NULL DEFAULT 'queued'
                     CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    schedule_id      text COLLATE "C",
    created_at       timestamptz NOT NULL DEFAULT now(),
    -- Not before this moment.
    due_at           timestamptz NOT NULL DEFAULT now(),
    started_at       timestamptz,
    finished_at      timestamptz,
    -- How often it was begun, and how often it may be.
    attempts         integer NOT NULL DEFAULT 0,
    max_attempts     integer NOT NULL CHECK (max_attempts > 0),
    worker           text,
    lease_until      timestamptz,
    cancel_requested boolean NOT NULL DEFAULT false,
    -- The last that it said of how far it is.
    progress         text,
    error            text,
    CHECK ((state = 'running') = (lease_until IS NOT NULL)),
    CHECK ((state IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL))
);
CREATE INDEX jobs_waiting ON jobs (due_at, created_at) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_by_time ON jobs (created_at, job_id);
-- One job of a schedule at a time.
CREATE UNIQUE INDEX jobs_of_schedule ON jobs (schedule_id)
    WHERE schedule_id IS NOT NULL AND state IN ('queued', 'running');

CREATE TABLE job_log (
    job_id  text COLLATE "C" NOT NULL REFERENCES jobs ON DELETE CASCADE,
    line_id bigint GENERATED ALWAYS AS IDENTITY,
    attempt integer NOT NULL,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    line    text NOT NULL,
    PRIMARY KEY (job_id, line_id)
);
