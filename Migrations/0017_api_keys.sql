-- Keys of those who use the REST service. A key itself is nowhere kept: it is made of 32 random bytes, so its digest gives nothing away.
CREATE TABLE api_keys (
    key_id     text COLLATE "C" PRIMARY KEY,
    name       text NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 256),
    digest     bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    scopes     text[] NOT NULL CHECK (cardinality(scopes) > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
