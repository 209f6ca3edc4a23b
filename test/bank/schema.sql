-- The bank, in the remote database.  Accounts 1 to 90 exist from the
-- beginning, 91 to 100 when the first upsert comes.  No constraint keeps a
-- transfer from being there twice: it is the checks that must see it.
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS bank CASCADE;
CREATE SCHEMA bank;
CREATE TABLE bank.accounts (
  id integer PRIMARY KEY,
  bal bigint NOT NULL
);
INSERT INTO bank.accounts SELECT i, 1000 FROM generate_series(1, 90) i;
CREATE TABLE bank.transfers (
  id uuid NOT NULL,
  src integer NOT NULL,
  dst integer NOT NULL,
  amount bigint NOT NULL,
  made timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON bank.transfers (id);
ANALYZE bank.accounts;

-- What a second server has.
CREATE TABLE bank.receipts (id uuid NOT NULL);
CREATE TABLE bank.counters (id integer PRIMARY KEY, n bigint NOT NULL);
INSERT INTO bank.counters SELECT i, 0 FROM generate_series(1, 5) i;
