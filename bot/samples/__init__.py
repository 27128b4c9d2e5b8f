"""Sample news about the invented country of Velmora, for `newscrier demo`: `articles.jsonl`, one article a line."""
