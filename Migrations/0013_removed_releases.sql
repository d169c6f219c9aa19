-- A release whose artifacts were deleted to make room: it is remembered and can never be served again.
ALTER TABLE releases DROP CONSTRAINT releases_state_check;
ALTER TABLE releases ADD CONSTRAINT releases_state_check
    CHECK (state IN ('ready', 'active', 'retired', 'failed', 'removed'));
