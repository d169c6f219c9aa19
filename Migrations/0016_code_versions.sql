-- Which program trained a model: its version, and the beginning of the SHA-256 of its file.
ALTER TABLE model_versions ADD COLUMN code_version text;
