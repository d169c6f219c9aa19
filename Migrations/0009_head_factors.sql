-- What probabilities of heads count for, changed while servers run. The latest version is in force; none is ever changed or
-- removed, so that a trace's version tells what it was made with.

CREATE TABLE head_factors (
    version    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    factors    jsonb NOT NULL CHECK (jsonb_typeof(factors) = 'object'),
    note       text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now()
);
