-- What users are related to beside items, such as the creators that they follow. A relation may arrive before its user,
-- so there is no foreign key; it goes with the user all the same.

CREATE TABLE user_relations (
    user_id   text COLLATE "C" NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 256),
    kind      text COLLATE "C" NOT NULL CHECK (octet_length(kind) BETWEEN 1 AND 64),
    target_id text COLLATE "C" NOT NULL CHECK (octet_length(target_id) BETWEEN 1 AND 256),
    since     timestamptz,
    PRIMARY KEY (user_id, kind, target_id)
);

CREATE FUNCTION remove_relations_of_deleted_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM user_relations USING deleted_users WHERE user_relations.user_id = deleted_users.user_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER users_take_their_relations_along
    AFTER DELETE ON users REFERENCING OLD TABLE AS deleted_users
    FOR EACH STATEMENT EXECUTE FUNCTION remove_relations_of_deleted_users();
