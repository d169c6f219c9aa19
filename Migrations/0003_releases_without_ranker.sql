-- A training period of events alone shows nothing that was not wanted: its release has a retrieval model and no ranker.

ALTER TABLE releases ALTER COLUMN ranker_model_id DROP NOT NULL;
