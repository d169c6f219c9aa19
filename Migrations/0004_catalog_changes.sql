-- What servers follow to recommend a new item, and to stop recommending one that is gone, without a new release.
--
-- "changed_in" is the transaction that last wrote the row. A reader that takes the rows whose transaction is not below the
-- oldest one that was running when it last looked (pg_snapshot_xmin) loses none, however late a transaction commits.
-- Servers poll this; a NOTIFY with every write would make commits wait for each other.

ALTER TABLE items ADD COLUMN changed_in xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX items_by_change ON items (changed_in);

-- Items that were in the catalog and are no longer: a release may hold them, also as items that only events name.
CREATE TABLE deleted_items (
    item_id    text COLLATE "C" PRIMARY KEY,
    changed_in xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX deleted_items_by_change ON deleted_items (changed_in);

-- Triggers, so that what somebody writes by hand is followed too.
CREATE FUNCTION note_item_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id();
    RETURN NEW;
END
$$;
CREATE TRIGGER items_updated BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION note_item_update();

CREATE FUNCTION note_items_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM deleted_items USING added WHERE deleted_items.item_id = added.item_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER items_added AFTER INSERT ON items REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION note_items_added();

CREATE FUNCTION note_items_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deleted_items (item_id) SELECT item_id FROM gone
    ON CONFLICT (item_id) DO UPDATE SET changed_in = excluded.changed_in;
    RETURN NULL;
END
$$;
CREATE TRIGGER items_deleted AFTER DELETE ON items REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_items_deleted();

CREATE FUNCTION note_items_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deleted_items (item_id) SELECT item_id FROM items
    ON CONFLICT (item_id) DO UPDATE SET changed_in = excluded.changed_in;
    RETURN NULL;
END
$$;
CREATE TRIGGER items_truncated BEFORE TRUNCATE ON items FOR EACH STATEMENT EXECUTE FUNCTION note_items_truncated();

-- How many candidates a search of the release's index keeps, where `cascade index tune` found a better number than the one
-- it was built with. Not part of the artifacts, which never change.
ALTER TABLE releases ADD COLUMN ef_search integer CHECK (ef_search BETWEEN 1 AND 100000);
