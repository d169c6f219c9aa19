-- Where in the product an item was shown or acted on, such as "home" or "search"; null where nobody said it.
ALTER TABLE impressions ADD COLUMN surface text COLLATE "C" CHECK (octet_length(surface) BETWEEN 1 AND 64);
ALTER TABLE events ADD COLUMN surface text COLLATE "C" CHECK (octet_length(surface) BETWEEN 1 AND 64);
