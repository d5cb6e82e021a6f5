-- How one small store becomes a large one: bench/flood.py fills in what the engines write
-- differently. Statements end with a semicolon and stand in the order foreign keys allow.

-- tables
CREATE TABLE pool(
    n INTEGER PRIMARY KEY, source TEXT, kind TEXT, outlet TEXT, status TEXT, title TEXT,
    text TEXT, body TEXT);
CREATE TABLE pool_found(
    n INTEGER, k INTEGER, lender TEXT, sentiment TEXT, score FLOAT, severity INTEGER, names TEXT,
    facts TEXT, province TEXT, city TEXT, collector TEXT, amount INTEGER, PRIMARY KEY(n, k));
CREATE TABLE pool_span(
    n INTEGER, k INTEGER, ordinal INTEGER, allegation TEXT, field TEXT, begins INTEGER,
    ends INTEGER, quote TEXT, status TEXT, PRIMARY KEY(n, k, ordinal));
CREATE TABLE slot(id BIGINT PRIMARY KEY, n INTEGER, at <moment>);

-- rows
INSERT INTO mention(
    id, source, native_id, kind, revision, published_at, first_seen_at, fetched_at, author, outlet,
    status, reach, digest, url, title, text, extra)
SELECT s.id, p.source, 'n' || s.id, p.kind, 1, s.at, <seen>, <seen>, 'a' || s.id % 9973, p.outlet,
    p.status, 0, 'd' || s.id, 'https://example.com/' || s.id, p.title, p.text, '{}'<json>
FROM slot s JOIN pool p ON p.n = s.n ORDER BY s.id;

INSERT INTO assessment(
    id, mention_id, revision, lender, made_by, made_at, sentiment, score, severity, names, facts)
SELECT s.id * <each> + f.k, s.id, 1, f.lender, 'bench', <seen>, f.sentiment, f.score, f.severity,
    f.names<json>, f.facts<json>
FROM slot s JOIN pool_found f ON f.n = s.n ORDER BY s.id, f.k;

INSERT INTO evidence(
    assessment_id, ordinal, allegation, field, "start", "end", quote, status)
SELECT s.id * <each> + e.k, e.ordinal, e.allegation, e.field, e.begins, e.ends, e.quote, e.status
FROM slot s JOIN pool_span e ON e.n = s.n ORDER BY s.id, e.k, e.ordinal;

INSERT INTO verdict(
    lender, mention_id, assessment_id, published_at, source, kind, sentiment, score, severity,
    province, city, collector, amount)
SELECT f.lender, s.id, s.id * <each> + f.k, s.at, p.source, p.kind, f.sentiment, f.score,
    f.severity, f.province, f.city, f.collector, f.amount
FROM slot s JOIN pool p ON p.n = s.n JOIN pool_found f ON f.n = s.n ORDER BY s.id, f.k;

INSERT INTO verdict_tag(lender, allegation, mention_id, published_at)
SELECT DISTINCT f.lender, e.allegation, s.id, s.at
FROM slot s JOIN pool_found f ON f.n = s.n JOIN pool_span e ON e.n = f.n AND e.k = f.k
WHERE e.status != 'claimed';

INSERT INTO hourly(lender, hour, source, sentiment, n, severe)
SELECT v.lender, <hour>, v.source, v.sentiment, count(*),
    sum(CASE WHEN v.severity >= 4 THEN 1 ELSE 0 END)
FROM verdict v WHERE v.published_at IS NOT NULL GROUP BY 1, 2, 3, 4;

INSERT INTO hourly_tag(lender, hour, source, allegation, n)
SELECT v.lender, <hour>, v.source, t.allegation, count(*)
FROM verdict v JOIN verdict_tag t ON t.lender = v.lender AND t.mention_id = v.mention_id
WHERE v.published_at IS NOT NULL GROUP BY 1, 2, 3, 4;

INSERT INTO daily_place(lender, day, province, city, n, negative)
SELECT v.lender, <day>, v.province, v.city, count(*),
    sum(CASE WHEN v.sentiment = 'neg' THEN 1 ELSE 0 END)
FROM verdict v WHERE v.published_at IS NOT NULL AND v.province != '' GROUP BY 1, 2, 3, 4;

INSERT INTO copy(mention_id, first_id, sketch)
SELECT s.id, f.id, <blob> FROM slot s JOIN (SELECT n, min(id) AS id FROM slot GROUP BY n) f
ON f.n = s.n WHERE s.n % 10 = 0 ORDER BY s.id;

INSERT INTO template(first_id, text, accounts, mentions)
SELECT min(s.id), p.text, count(*), count(*) FROM slot s JOIN pool p ON p.n = s.n
WHERE s.n % 10 = 0 GROUP BY p.n, p.text;

-- search
<search> FROM slot s JOIN pool p ON p.n = s.n ORDER BY s.id;
