-- What a source usually writes: it decides where an article's words do not.

CREATE TABLE source_language (
    source_id INTEGER NOT NULL REFERENCES source (id),
    language TEXT NOT NULL,                 -- ISO 639-1
    articles INTEGER NOT NULL,              -- that were taken in
    PRIMARY KEY (source_id, language)
) STRICT, WITHOUT ROWID;
INSERT INTO source_language (source_id, language, articles)
SELECT source_id, language, count(*) FROM article WHERE language != '' GROUP BY source_id, language;
