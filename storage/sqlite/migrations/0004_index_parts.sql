-- The index may lie in several parts, while it is made anew under other rules for terms.

DROP TABLE term_count;
ALTER TABLE terms RENAME TO terms_1;
CREATE VIRTUAL TABLE words_1 USING fts5vocab (terms_1, 'instance');

CREATE TABLE index_part (
    number INTEGER PRIMARY KEY,             -- its tables are terms_<number> and words_<number>
    version TEXT NOT NULL,                  -- of its terms; '': before there were versions
    low INTEGER NOT NULL                    -- it holds the articles from this place up to where the next number's begin
) STRICT;
INSERT INTO index_part (number, version, low) VALUES (1, '', -4611686018427387904);

-- Parts that nobody reads any more, cleared away little by little.
CREATE TABLE index_remains (
    number INTEGER PRIMARY KEY
) STRICT;

-- Along all articles, without reading them.
CREATE INDEX article_shown ON article (newest, withdrawn);
