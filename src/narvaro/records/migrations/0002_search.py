from django.db import migrations

SQLITE = [
    # One column of words and marks, as base.words and records.index give them; ASCII tokenising takes them apart
    # at blanks alone. No places within the text are stored: nobody asks for them.
    "CREATE VIRTUAL TABLE records_search USING fts5("
    "tokens, position UNINDEXED, detail = 'none', columnsize = 0, tokenize = \"ascii tokenchars '_'\")",
]

POSTGRESQL = [
    "CREATE TABLE records_search ("
    "key bigint NOT NULL, authority_id bigint NOT NULL, position bigint NOT NULL, tokens tsvector NOT NULL, "
    "PRIMARY KEY (authority_id, key))",
    # Written at once: a list of what waits to be written would be read through at every search.
    "CREATE INDEX records_search_tokens ON records_search USING gin (tokens) WITH (fastupdate = off)",
    # No row-level security here: PostgreSQL would then not use the index, since @@ may tell of rows it leaves out.
    # Every question names its authority, and every hit is read from tables that have it.
    #
    # The newest some thousand first; when they do not answer, by the GIN index and no other way, whatever the planner
    # believes (see records.index). The settings hold within the function alone.
    """
    CREATE FUNCTION narvaro_search(
        who bigint, asked tsquery, low bigint, high bigint, want integer, newest boolean, near integer
    )
    RETURNS SETOF bigint LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_indexscan = on SET enable_indexonlyscan = off SET jit = off
    SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_custom_plan
    AS $$
    DECLARE
        found bigint[];
    BEGIN
        IF newest THEN
            SELECT array_agg(f.key) INTO found FROM (
                SELECT n.key FROM (
                    SELECT s.key, s.tokens FROM records_search s
                    WHERE s.authority_id = who AND s.key >= low AND s.key < high ORDER BY s.key DESC LIMIT near
                ) n WHERE n.tokens @@ asked ORDER BY n.key DESC LIMIT want
            ) f;
        ELSE
            SELECT array_agg(f.key) INTO found FROM (
                SELECT n.key FROM (
                    SELECT s.key, s.tokens FROM records_search s
                    WHERE s.authority_id = who AND s.key >= low AND s.key < high ORDER BY s.key LIMIT near
                ) n WHERE n.tokens @@ asked ORDER BY n.key LIMIT want
            ) f;
        END IF;
        IF cardinality(found) = want THEN
            RETURN QUERY SELECT unnest(found);
            RETURN;
        END IF;
        PERFORM set_config('enable_indexscan', 'off', true);
        IF newest THEN
            RETURN QUERY SELECT s.key FROM records_search s
            WHERE s.tokens @@ asked AND s.authority_id + 0 = who AND s.key + 0 >= low AND s.key + 0 < high
            ORDER BY s.key DESC LIMIT want;
        ELSE
            RETURN QUERY SELECT s.key FROM records_search s
            WHERE s.tokens @@ asked AND s.authority_id + 0 = who AND s.key + 0 >= low AND s.key + 0 < high
            ORDER BY s.key LIMIT want;
        END IF;
    END
    $$
    """,
]


def make(apps, schema_editor):
    statements = POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE
    for statement in statements:
        schema_editor.execute(statement)


def unmake(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION narvaro_search(bigint, tsquery, bigint, bigint, integer, boolean, integer)")
    schema_editor.execute("DROP TABLE records_search")


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]

    operations = [migrations.RunPython(make, unmake)]
