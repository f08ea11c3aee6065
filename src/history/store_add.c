#include <string.h>

#include "base/ascii.h"
#include "base/escape.h"
#include "history/sql.h"
#include "history/sql_functions.h"
#include "history/sql_keys.h"
#include "history/store_inside.h"

enum { TYPE_MAX = 128 }; /* bytes of a media type */

static bool has_size(const struct haul_record *rec)
{
    return rec->outcome == HAUL_OUTCOME_OK || rec->outcome == HAUL_OUTCOME_UNCHANGED;
}

/* "The length" of reports: what HEAD asks for is in the header. */
static int64_t size_of(const struct haul_record *rec)
{
    if (!has_size(rec))
        return -1;
    return rec->size_body <= 0 && rec->method && !strcmp(rec->method, "HEAD") ? rec->content_length
                                                                              : rec->size_body;
}

/* What a whole body takes on the wire: where its size was only told, or a part of it was there
 * already, less has come. "Unchanged" says nothing of it. */
static int64_t wire_of(const struct haul_record *rec)
{
    int64_t size = size_of(rec), wire = rec->size_download;
    bool is_part = rec->http_code == 206 && wire < size;

    if (rec->outcome != HAUL_OUTCOME_OK || is_part || (wire <= 0 && size != 0))
        return -1;
    return wire;
}

/* Texts that had to be made stay in the store until the row is written. */
static void bind_url(struct haul_store *store, const struct haul_record *rec)
{
    struct haul_url_parts parts = haul_sql_url_of(rec->url);

    haul_buf_clear(&store->host);
    haul_buf_clear(&store->path);
    if (rec->outcome != HAUL_OUTCOME_INVALID) {
        haul_buf_add(&store->host, parts.host.at, parts.host.len);
        haul_buf_add(&store->path, parts.path.at, parts.path.len);
    }
    for (size_t i = 0; i < store->host.len; i++)
        store->host.data[i] = haul_ascii_lower(store->host.data[i]);
    haul_sql_bind_text(store->insert, 1, rec->url);
    haul_sql_bind_text(store->insert, 2, haul_buf_str(&store->host));
    haul_sql_bind_text(store->insert, 3, haul_buf_str(&store->path));
}

static void bind_verdict(struct haul_store *store, const struct haul_record *rec)
{
    haul_sql_bind_text(store->insert, 5, haul_outcome_word(rec->outcome));
    sqlite3_bind_int(store->insert, 7, rec->http_code);
    haul_sql_bind_known(store->insert, 8, size_of(rec));
    haul_sql_bind_known(store->insert, 9, wire_of(rec));
    sqlite3_bind_int64(store->insert, 10, (int64_t)rec->line);
}

static void bind_times(struct haul_store *store, const struct haul_record *rec, bool is_old)
{
    bool known = !is_old && rec->started_us > 0;
    int64_t start_us = known ? haul_store_last_start_us(rec) : 0;

    haul_sql_bind_known(store->insert, 11, start_us ? start_us : -1);
    haul_sql_bind_known(store->insert, 12, known ? rec->time_total_us : -1);
    haul_sql_bind_known(store->insert, 13, known && rec->worker ? rec->worker : -1);
}

static void add_json(struct haul_buf *buf, const char *text)
{
    haul_buf_add_char(buf, '"');
    haul_escape_json(buf, text, strlen(text));
    haul_buf_add_char(buf, '"');
}

/* As one JSON object; nothing if there is nothing. What changes every night stands beside them
 * (schema.h). */
static void bind_tags(struct haul_store *store, const struct haul_record *rec)
{
    haul_buf_clear(&store->tags);
    for (size_t i = 0; i < rec->attached_count; i++) {
        if (!strcmp(rec->attached[i].name, "lastmod")) {
            haul_sql_bind_text(store->insert, 21, rec->attached[i].value);
            continue;
        }
        haul_buf_add_char(&store->tags, store->tags.len ? ',' : '{');
        add_json(&store->tags, rec->attached[i].name);
        haul_buf_add_char(&store->tags, ':');
        add_json(&store->tags, rec->attached[i].value);
    }
    if (store->tags.len)
        haul_buf_add_char(&store->tags, '}');
    haul_sql_bind_text(store->insert, 16, haul_buf_str(&store->tags));
}

/* Those of another URL, behind a redirect or at a mirror, are none for the page's own. */
static bool has_validators(const struct haul_record *rec)
{
    return has_size(rec) && !rec->num_redirects && rec->mirror <= 1;
}

enum haul_err haul_store_add(struct haul_store *store, const struct haul_record *rec,
                             const struct haul_key *key, bool is_old)
{
    char word[HAUL_REASON_WORD_MAX], type[TYPE_MAX];
    sqlite3_stmt *insert = store->insert;
    enum haul_err err;

    haul_sql_url_media_type(rec->content_type, type, sizeof type);
    bind_url(store, rec);
    haul_sql_bind_text(insert, 4, type);
    bind_verdict(store, rec);
    haul_sql_bind_text(insert, 6, haul_reason_word(rec, word));
    bind_times(store, rec, is_old);
    haul_sql_bind_key(insert, 14, key);
    sqlite3_bind_int64(insert, 15, (int64_t)rec->seq);
    sqlite3_bind_null(insert, 21);
    bind_tags(store, rec);
    haul_sql_bind_text(insert, 17, has_validators(rec) ? rec->etag : NULL);
    haul_sql_bind_text(insert, 18, has_validators(rec) ? rec->last_modified : NULL);
    haul_sql_bind_old_key(insert, 19, key);
    haul_sql_bind_text(insert, 20, rec->source);
    err = store->host.err || store->path.err || store->tags.err ? HAUL_ERR_NOMEM
                                                                : haul_sql_once(insert);
    if (!err && !is_old)
        err = haul_store_add_tried(store, rec);
    return haul_store_note(store, err);
}
