-- What a release's training and its evaluation looked like, for pictures of them: loss curves, reliability and popularity.
ALTER TABLE releases ADD COLUMN report jsonb CHECK (jsonb_typeof(report) = 'object');
