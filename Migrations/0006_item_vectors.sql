-- Content vectors of items: embeddings of images or texts that were made elsewhere.

-- The kinds of vectors; all of one kind are equally wide. Deleting a kind deletes its vectors.
CREATE TABLE vector_definitions (
    name  text COLLATE "C" PRIMARY KEY CHECK (octet_length(name) BETWEEN 1 AND 64),
    width integer NOT NULL CHECK (width BETWEEN 1 AND 16384),
    UNIQUE (name, width)
);

-- Little-endian 32-bit floats. No foreign key to items, so that these can be truncated; vectors go with their items all
-- the same.
CREATE TABLE item_vectors (
    item_id text COLLATE "C" NOT NULL CHECK (octet_length(item_id) BETWEEN 1 AND 256),
    name    text COLLATE "C" NOT NULL,
    width   integer NOT NULL GENERATED ALWAYS AS (octet_length(vector) / 4) STORED,
    vector  bytea NOT NULL CHECK (octet_length(vector) % 4 = 0),
    PRIMARY KEY (item_id, name),
    FOREIGN KEY (name, width) REFERENCES vector_definitions (name, width) ON DELETE CASCADE
);
-- Floats hardly compress: trying costs more than it saves.
ALTER TABLE item_vectors ALTER COLUMN vector SET STORAGE EXTERNAL;

-- Tells one set of vectors of an item from another: "NAME:CHECKSUM" for each, by name, with spaces between; null: it has
-- none. A vector that changes so changes its item, which is how servers come to know.
ALTER TABLE items ADD COLUMN vectors_version text;

CREATE FUNCTION note_vector_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE items SET vectors_version = made.version
    FROM (
        SELECT touched.item_id, string_agg(kept.name || ':' || md5(kept.vector), ' ' ORDER BY kept.name) AS version
        FROM (SELECT DISTINCT item_id FROM changed) AS touched LEFT JOIN item_vectors AS kept USING (item_id)
        GROUP BY touched.item_id
    ) AS made
    WHERE items.item_id = made.item_id AND items.vectors_version IS DISTINCT FROM made.version;
    RETURN NULL;
END
$$;
CREATE TRIGGER item_vectors_added AFTER INSERT ON item_vectors REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_vector_changes();
CREATE TRIGGER item_vectors_updated AFTER UPDATE ON item_vectors REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_vector_changes();
CREATE TRIGGER item_vectors_deleted AFTER DELETE ON item_vectors REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_vector_changes();

CREATE FUNCTION remove_vectors_of_deleted_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM item_vectors USING gone WHERE item_vectors.item_id = gone.item_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER items_take_their_vectors_along AFTER DELETE ON items REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION remove_vectors_of_deleted_items();

CREATE FUNCTION remove_all_item_vectors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM item_vectors;
    RETURN NULL;
END
$$;
CREATE TRIGGER truncated_items_take_their_vectors_along AFTER TRUNCATE ON items
    FOR EACH STATEMENT EXECUTE FUNCTION remove_all_item_vectors();
