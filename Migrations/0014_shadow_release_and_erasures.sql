-- A release that is scored beside the active one on a share of the requests, compared in the log and never shown.

ALTER TABLE releases ADD COLUMN shadow_share real CHECK (shadow_share > 0 AND shadow_share <= 1);
ALTER TABLE releases ADD CONSTRAINT shadow_can_be_served
    CHECK (shadow_share IS NULL OR state IN ('ready', 'retired'));

-- At most one.
CREATE UNIQUE INDEX one_shadow_release ON releases ((true)) WHERE shadow_share IS NOT NULL;

-- When users were erased, and of whom nothing: what a training read before must not be trained on any more.
CREATE TABLE user_erasures (
    erased_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX user_erasures_by_time ON user_erasures (erased_at);
