-- Items that users asked never to see again, and what it takes to remove a user whole.

-- A wish may arrive before its user and its item, and outlives an item that is deleted and may come back: no foreign keys.
-- It goes with its user all the same.
CREATE TABLE user_hidden_items (
    user_id   text COLLATE "C" NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 256),
    item_id   text COLLATE "C" NOT NULL CHECK (octet_length(item_id) BETWEEN 1 AND 256),
    hidden_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, item_id)
);

CREATE FUNCTION remove_hidden_items_of_deleted_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM user_hidden_items USING deleted_users WHERE user_hidden_items.user_id = deleted_users.user_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER users_take_their_hidden_items_along
    AFTER DELETE ON users REFERENCING OLD TABLE AS deleted_users
    FOR EACH STATEMENT EXECUTE FUNCTION remove_hidden_items_of_deleted_users();

-- When a user came into the table: whether a training can have read the row. Nobody knows it of the rows that are there, so
-- they count as always there.
ALTER TABLE users ADD COLUMN added_at timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE users ALTER COLUMN added_at SET DEFAULT now();

-- The traces of a user are found without reading all of them.
CREATE INDEX recommendation_traces_by_user ON recommendation_traces (user_id) WHERE user_id IS NOT NULL;

-- Hidden items are few and are listed by themselves.
CREATE INDEX items_that_are_hidden ON items (item_id) WHERE hidden;
