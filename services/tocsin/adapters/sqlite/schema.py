"""The tables of the store, as migrations: one script per step, applied in order, never edited again.

`user_version` counts the steps that a file has taken; `APPLICATION_ID` says that a file is ours.
"""

APPLICATION_ID = 0x546F6373
"""`Tocs`, in the header of every store."""

# Every byte ≥ 0x80 and every ASCII punctuation mark belongs to a token; only blanks part them. The
# words are ours already (text.analysis), so no table of SQLite's may touch them (analysis.md).
_TOKENIZE = """ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\\]^_`{|}~'"""

MIGRATIONS: tuple[str, ...] = (
    f"""
    -- The log. `id` is the order of arrival over all topics; `off` counts within a partition.
    CREATE TABLE partition(
      id INTEGER PRIMARY KEY, topic TEXT NOT NULL, number INTEGER NOT NULL,
      next INTEGER NOT NULL DEFAULT 0, UNIQUE(topic, number));
    CREATE TABLE log(
      id INTEGER PRIMARY KEY AUTOINCREMENT, part INTEGER NOT NULL, off INTEGER NOT NULL,
      at INTEGER NOT NULL, key TEXT NOT NULL, headers TEXT, value BLOB);
    CREATE UNIQUE INDEX log_place ON log(part, off);
    -- Compacted topics: the newest record of each key, and the records that may go from `dies` on.
    CREATE TABLE head(
      part INTEGER NOT NULL, key TEXT NOT NULL, id INTEGER NOT NULL,
      PRIMARY KEY(part, key)) WITHOUT ROWID;
    CREATE TABLE mortal(
      part INTEGER NOT NULL, dies INTEGER NOT NULL, off INTEGER NOT NULL, id INTEGER NOT NULL,
      PRIMARY KEY(part, dies, off)) WITHOUT ROWID;
    CREATE TABLE committed(
      grp TEXT NOT NULL, part INTEGER NOT NULL, off INTEGER NOT NULL,
      PRIMARY KEY(grp, part)) WITHOUT ROWID;

    -- Workers' state. `space` is `worker table`.
    CREATE TABLE state(
      space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, UNIQUE(space, key));
    CREATE TABLE outgoing(
      number INTEGER PRIMARY KEY AUTOINCREMENT, worker TEXT NOT NULL, topic TEXT NOT NULL,
      key TEXT NOT NULL, headers TEXT, value BLOB);
    CREATE INDEX outgoing_worker ON outgoing(worker);
    CREATE TABLE position(
      worker TEXT NOT NULL, topic TEXT NOT NULL, number INTEGER NOT NULL, off INTEGER NOT NULL,
      PRIMARY KEY(worker, topic, number)) WITHOUT ROWID;

    -- The index. `place` orders documents by time, then arrival (adapters.cursors).
    CREATE TABLE document(
      place INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
      at INTEGER NOT NULL, keys TEXT NOT NULL, facts BLOB, body BLOB NOT NULL);
    CREATE UNIQUE INDEX document_id ON document(kind, id);
    CREATE INDEX document_order ON document(kind);
    CREATE TABLE document_key(
      kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, place INTEGER NOT NULL,
      PRIMARY KEY(kind, name, value, place)) WITHOUT ROWID;
    CREATE TABLE article_words(
      place INTEGER PRIMARY KEY, print BLOB NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL,
      kw TEXT NOT NULL);
    CREATE VIRTUAL TABLE article_fts USING fts5(
      title, body, kw, content='article_words', content_rowid='place',
      tokenize="{_TOKENIZE}");
    """,
)
