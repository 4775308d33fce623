-- How often something was forgotten whose bytes have not been wiped yet. What was forgotten before
-- this was counted may be one such time.
ALTER TABLE meta ADD COLUMN unwiped INTEGER NOT NULL DEFAULT 1;
