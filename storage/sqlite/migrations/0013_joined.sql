-- Feeds that moved onto one address are one, and what nobody asks for is not polled.

ALTER TABLE source ADD COLUMN joined_id INTEGER REFERENCES source (id);  -- its feed moved onto that one's address
ALTER TABLE subscription ADD COLUMN successor_id INTEGER;   -- followed on as that: gives only what it is owed by then
CREATE INDEX subscription_successor ON subscription (successor_id) WHERE successor_id IS NOT NULL;
ALTER TABLE feed ADD COLUMN wishes TEXT NOT NULL DEFAULT '';        -- what it said last about when to ask, as intake writes it
ALTER TABLE feed ADD COLUMN idle_since INTEGER;             -- nobody follows what a reader added; NULL: it is polled
DROP INDEX feed_polled;
CREATE INDEX feed_polled ON feed (failing_since) WHERE NOT removed AND NOT paused AND ended = '' AND idle_since IS NULL;
