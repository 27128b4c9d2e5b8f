-- Followed queries are filed by what they need of an article, each query once.

DROP TABLE anchor;

-- Terms of which an article must have one. A word of a query is one need, in whatever language it may be.
CREATE TABLE need (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    terms TEXT NOT NULL UNIQUE              -- sorted, a blank between them
) STRICT;

-- The same the other way round: a term, and the needs that it meets.
CREATE TABLE anchor (
    term TEXT NOT NULL,
    need_id INTEGER NOT NULL REFERENCES need (id),
    PRIMARY KEY (term, need_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE query ADD COLUMN anchor INTEGER REFERENCES need (id);   -- the rarest need; NULL: nobody follows the query
ALTER TABLE query ADD COLUMN second INTEGER REFERENCES need (id);   -- the second-rarest; the rarest where there is one
ALTER TABLE query ADD COLUMN rest TEXT;                             -- what else is needed (storage/query/filing.py)
ALTER TABLE query ADD COLUMN decides INTEGER;                       -- 0: the query itself must be asked, too
-- All that finding an article's queries reads.
CREATE INDEX query_filed ON query (anchor, second, rest, decides) WHERE anchor IS NOT NULL;

-- Which terms (storage/text/version.py) followed queries are filed by ...
ALTER TABLE progress ADD COLUMN filed_version TEXT NOT NULL DEFAULT '';
-- ... and which of them are: through this query's id; NULL: all.
ALTER TABLE progress ADD COLUMN filed_through INTEGER DEFAULT 0;
