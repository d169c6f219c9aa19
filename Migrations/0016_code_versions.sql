-- Which program trained a model: its version, and the beginning of the SHA-256 of its file.
ALTER TABLE model_versions ADD COLUMN code_version text;

-- The model whose weights the training went on from; null: from none. What it has learned from, this one has too.
ALTER TABLE model_versions ADD COLUMN warm_from text REFERENCES model_versions;
