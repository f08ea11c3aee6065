#include "history/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/io.h"
#include "base/owned.h"
#include "history/database.h"
#include "history/last_known.h"
#include "history/run_name.h"
#include "history/schema.h"
#include "history/sql.h"
#include "history/sql_functions.h"
#include "history/sql_keys.h"
#include "journal/packed.h"
#include "journal/resume.h"
#include "journal/title.h"
#include "model/version.h"

static enum haul_err refuse(struct haul_buf *message, const char *name, const char *cause)
{
    haul_buf_addf(message, "%s: %s", name, cause);
    return HAUL_ERR_USAGE;
}

/* Of what decided the results of a run elsewhere, only its title is kept. */
static void add_options(struct haul_buf *buf, const char *title)
{
    haul_buf_add_char(buf, '{');
    if (*title) {
        haul_buf_add_str(buf, "\"title\":\"");
        haul_escape_json(buf, title, strlen(title));
        haul_buf_add_char(buf, '"');
    }
    haul_buf_add_char(buf, '}');
}

static enum haul_err begin_run(struct haul_store *store, struct haul_store_run *run,
                               const char *title)
{
    struct haul_buf options;
    enum haul_err err;

    haul_buf_init(&options, 0);
    add_options(&options, title);
    run->options = haul_buf_str(&options);
    err = options.err ? options.err : haul_store_begin(store, run);
    haul_buf_done(&options);
    return err;
}

/* ---- journals ---- */

/* A record is kept in what lists attach and in what servers say; the books are made anew. The run
 * began with its first attempt: no later than that, and what comes before it is short. */
static enum haul_err add_records(struct haul_store *store, struct haul_resume *resume,
                                 struct haul_ledger *ledger, int64_t *started_us)
{
    struct haul_record rec;
    struct haul_key key;
    enum haul_err err = haul_resume_walk(resume, true);

    for (uint64_t seq = 0; !err; seq++) {
        err = haul_resume_next(resume, &rec, &key);
        if (err)
            break;
        /* What is hidden today is compared without it, whatever was left out of the 64 bits. */
        if (!haul_store_hides(store))
            haul_resume_find_old(resume, &rec, &key);
        rec.seq = seq;
        if (rec.started_us > 0 && (!*started_us || rec.started_us < *started_us))
            *started_us = rec.started_us;
        haul_ledger_add(ledger, &rec);
        haul_ledger_add_lines(ledger, 1);
        err = haul_store_add(store, &rec, &key, false);
    }
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

/* A run without a footer did not come to its end; what it left undone is not known. Nor is one
 * complete that found nothing, whether that was meant or not. */
static enum haul_err store_journal(struct haul_store *store, struct haul_resume *resume,
                                   const struct haul_resume_stats *stats)
{
    struct haul_store_run run = {.version = HAUL_VERSION};
    struct haul_ledger ledger;
    struct haul_store_end end = {.ledger = &ledger};
    enum haul_err err = begin_run(store, &run, stats->title);

    ledger = (struct haul_ledger){0};
    if (!err)
        err = add_records(store, resume, &ledger, &end.started_us);
    haul_ledger_add_pending(&ledger, stats->pending);
    end.complete =
        stats->is_closed && stats->records && haul_inputs_are_complete(&stats->inputs, &ledger);
    return err ? err : haul_store_finish(store, &end);
}

static enum haul_err read_journal(struct haul_store *store, const struct haul_journal_file *file,
                                  const char *name, struct haul_buf *message)
{
    struct haul_resume_stats stats;
    struct haul_resume *resume;
    enum haul_err err = haul_resume_create(&resume);

    if (!err)
        err = haul_resume_add(resume, file->fd, &stats);
    if (!err && !stats.headers && !stats.records)
        err = refuse(message, name, "neither a journal nor a history of haul's");
    if (!err && file->fault) {
        haul_buf_addf(message, "%s: %s (%s)", name, file->fault, file->packed);
        err = HAUL_ERR_IO;
    }
    if (!err && stats.damaged) {
        haul_buf_addf(message, "%s:%llu: the journal is damaged here", name,
                      (unsigned long long)stats.damaged_line);
        err = HAUL_ERR_IO;
    }
    if (!err)
        err = haul_resume_settle(resume);
    if (!err)
        err = store_journal(store, resume, &stats);
    haul_resume_free(resume);
    return err;
}

static enum haul_err import_journal(struct haul_store *store, const char *name,
                                    struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];
    struct haul_journal_file file;
    enum haul_err err = haul_journal_file_open(name, &file);

    if (err == HAUL_ERR_USAGE)
        return refuse(message, name, haul_journal_file_cause(&file, text));
    if (!err)
        err = read_journal(store, &file, name, message);
    if (err && !message->len)
        haul_buf_addf(message, "%s: cannot be read: %s", name,
                      *haul_store_error(store) ? haul_store_error(store) : haul_err_text(err));
    if (file.fd >= 0)
        close(file.fd);
    return err;
}

/* ---- histories ---- */

bool haul_import_is_history(const char *path)
{
    static const char magic[] = "SQLite format 3"; /* and its NUL */
    char bytes[sizeof magic] = "";
    struct haul_owned_found found;
    struct stat info;
    int fd = haul_owned_open_input(path, &info, &found);
    ssize_t len = fd < 0 || !S_ISREG(info.st_mode) ? -1 : read(fd, bytes, sizeof bytes);

    if (fd >= 0)
        close(fd);
    return len == (ssize_t)sizeof bytes && !memcmp(bytes, magic, sizeof magic);
}

/* A lastmod that stands among the tags. */
#define OLD_LASTMOD                                                                                \
    " (SELECT iif(json_valid(text), json_extract(text, '$.lastmod'), NULL) FROM main.word"         \
    "  WHERE id = tags) AS lastmod"

/* What earlier versions have written, as it is today: whoever asks for `run`, `page` or `past` gets
 * these. Takes: the key. */
static const char show_renewed[] =
    "SELECT haul_key_rules(options) FROM main.run;"
    "CREATE TEMP VIEW page AS SELECT id, %s AS key, occurrence, url, since,"
    " outcome, reason, type, tags, http_code, size, wire, etag, last_modified," OLD_LASTMOD
    " FROM main.page;"
    "CREATE TEMP VIEW run AS SELECT *, NULL AS page_wire FROM main.run;"
    "CREATE TEMP VIEW past AS SELECT last, page, first, outcome, reason, type, tags, http_code,"
    " size, wire," OLD_LASTMOD " FROM main.past";

static enum haul_err check_history(sqlite3 *db, const char *path,
                                   const struct haul_key_today *today, struct haul_buf *message)
{
    struct haul_buf cause;
    enum haul_err err;
    int version;

    haul_buf_init(&cause, 0);
    err = haul_schema_check(db, &version, &cause);
    if (err)
        haul_buf_addf(message, "%s: %s", path, haul_buf_str(&cause));
    haul_buf_done(&cause);
    if (!err)
        err = haul_sql_add_functions(db);
    if (!err)
        err = haul_sql_add_key_functions(db, today);
    if (err || version >= HAUL_SCHEMA_SHAPED)
        return err;
    return haul_sql_runf(db, show_renewed, version == 1 ? "haul_key(key, url)" : "key");
}

enum haul_err haul_import_open(const char *path, const struct haul_key_today *today, sqlite3 **db,
                               struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];
    struct stat status;
    enum haul_err err;

    *db = NULL;
    if (stat(path, &status))
        return refuse(message, path, haul_io_error_text(errno, text));
    if (!S_ISREG(status.st_mode))
        return refuse(message, path, "not a regular file");
    err = haul_database_open(path, HAUL_DATABASE_READ, NULL, db, message);
    if (!err)
        err = check_history(*db, path, today, message);
    if (err) {
        sqlite3_close(*db);
        *db = NULL;
    }
    return err;
}

static enum haul_err tell_no_run(struct haul_buf *message, const char *path,
                                 const struct haul_run_which *which)
{
    if (!which->is_day)
        haul_buf_addf(message, "%s: no such run that has ended: @%lld; haul history lists them%s",
                      path, (long long)which->number,
                      which->number ? "" : ", from @1, and @-1 is the last");
    else if (which->before_us)
        haul_buf_addf(message,
                      "%s: no run that has ended began on that day (UTC) or before; haul history"
                      " lists them",
                      path);
    else
        haul_buf_addf(message, "%s: there is no such day: it must be YYYY-MM-DD", path);
    return HAUL_ERR_USAGE;
}

/* The number of the run that is meant. */
static enum haul_err find_run(const char *path, const struct haul_run_which *which, int64_t *run,
                              struct haul_buf *message)
{
    sqlite3 *db;
    enum haul_err err = haul_import_open(path, NULL, &db, message);
    const char *form = "SELECT id FROM run WHERE ended_us NOT NULL AND id = %lld";
    long long number = which->number;
    char sql[200];

    if (err)
        return err;
    if (which->is_day) {
        form = "SELECT id FROM run WHERE ended_us NOT NULL AND haul_known(started_us) < %lld"
               " ORDER BY started_us DESC, id DESC LIMIT 1";
        number = which->before_us;
    } else if (number < 0) {
        form = "SELECT id FROM run WHERE ended_us NOT NULL ORDER BY id DESC LIMIT 1 OFFSET %lld";
        number = -number - 1;
    }
    sqlite3_snprintf(sizeof sql, sql, form, number);
    err = haul_sql_number(db, sql, run);
    sqlite3_close(db);
    if (err)
        return refuse(message, path, "cannot be read");
    return *run ? HAUL_OK : tell_no_run(message, path, which);
}

/* Takes: a column, the run, the column, the run twice. A page's occurrence puts it in its place
 * among others of its key. */
static const char copy_run[] =
    "INSERT INTO temp.now_page(url, host, path, type, outcome, reason, http_code, size, wire, tags,"
    " lastmod, key, seq, etag, last_modified, page)"
    " SELECT p.url, haul_host(p.url), haul_path(p.url)," HAUL_SCHEMA_STATE(
        "old") "," HAUL_SCHEMA_LASTMOD ", haul_key(p.key, p.url), p.occurrence, p.etag,"
               " p.last_modified, p.id FROM"
               " (SELECT id, outcome, reason, type, tags, http_code, size, wire, %s AS lastmod"
               "   FROM old.page WHERE since <= %lld UNION ALL"
               "  SELECT page, outcome, reason, type, tags, http_code, size, wire, %s FROM old.past"
               "   WHERE last >= %lld AND first <= %lld) s JOIN old.page p ON p.id = s.id;"
               "UPDATE temp.now_page SET host = '', path = '' WHERE outcome = 'invalid'";

static const char find_end[] =
    "SELECT started_us, ended_us, elapsed_us, complete, lines, wire, time_us" HAUL_OUTCOMES(
        HAUL_SCHEMA_OUTCOME) ", options FROM old.run WHERE id = ?";

/* How a run in a history has ended, and what is kept of how it began. */
struct books {
    struct haul_store_run run;
    struct haul_store_end end;
    struct haul_ledger ledger;
    char title[HAUL_TITLE_MAX + 1];
};

static void read_end(sqlite3_stmt *row, struct books *books)
{
    const char *options = haul_sql_text(row, 7 + HAUL_OUTCOME_COUNT);
    struct haul_ledger *ledger = &books->ledger;

    *books =
        (struct books){.run = {.started_us = haul_sql_time_us(row, 0), .version = HAUL_VERSION},
                       .end = {.ledger = ledger,
                               .ended_us = haul_sql_time_us(row, 1),
                               .elapsed_us = (int64_t)haul_sql_count(row, 2),
                               .complete = sqlite3_column_int(row, 3)},
                       .ledger = {.lines = haul_sql_count(row, 4),
                                  .wire_bytes = (int64_t)haul_sql_count(row, 5),
                                  .time_us = (int64_t)haul_sql_count(row, 6)}};
    for (int i = 0; i < HAUL_OUTCOME_COUNT; i++)
        ledger->count[i] = haul_sql_count(row, 7 + i);
    haul_title_read(options, strlen(options), books->title);
}

static enum haul_err find_books(sqlite3 *db, int64_t id, struct books *books)
{
    sqlite3_stmt *query;
    enum haul_err err = haul_sql_prepare(db, find_end, &query);

    if (!err) {
        sqlite3_bind_int64(query, 1, id);
        err = haul_sql_step(query);
    }
    if (!err)
        read_end(query, books);
    sqlite3_finalize(query);
    return err == HAUL_ERR_END ? HAUL_ERR_IO : err;
}

/* Earlier versions have a lastmod among the tags. */
static enum haul_err copy_pages(sqlite3 *db, int64_t id)
{
    int64_t is_column = 0;
    long long run = id;
    enum haul_err err = haul_sql_number(
        db, "SELECT count(*) FROM pragma_table_info('page', 'old') WHERE name = 'lastmod'",
        &is_column);
    const char *lastmod = is_column ? "lastmod" : "NULL";

    return err ? err : haul_sql_runf(db, copy_run, lastmod, run, lastmod, run, run);
}

static enum haul_err copy_attached(struct haul_store *store, int64_t id)
{
    sqlite3 *db = haul_store_db(store);
    struct books books;
    enum haul_err err = find_books(db, id, &books);

    if (!err)
        err = begin_run(store, &books.run, books.title);
    if (!err)
        err = haul_sql_run(db, "SELECT haul_key_rules(options) FROM old.run");
    if (!err)
        err = copy_pages(db, id);
    if (!err)
        err = haul_last_known_import(store, id);
    return err ? haul_store_note(store, err) : haul_store_finish(store, &books.end);
}

static enum haul_err attach(struct haul_store *store, const char *path)
{
    sqlite3_stmt *statement;
    struct haul_buf uri;
    enum haul_err err = haul_sql_prepare(haul_store_db(store), "ATTACH ? AS old", &statement);

    haul_buf_init(&uri, 0);
    haul_database_add_uri(&uri, path);
    if (!err)
        err = uri.err;
    if (!err) {
        haul_sql_bind_text(statement, 1, haul_buf_str(&uri));
        err = haul_sql_once(statement);
    }
    sqlite3_finalize(statement);
    haul_buf_done(&uri);
    return haul_store_note(store, err);
}

static enum haul_err import_found(struct haul_store *store, const char *path, int64_t id,
                                  struct haul_buf *message)
{
    struct haul_database_state state;
    enum haul_err err;

    haul_database_remember(path, &state);
    err = attach(store, path);
    if (!err)
        err = copy_attached(store, id);
    if (haul_database_has_changed(path, &state, message))
        err = HAUL_ERR_IO;
    else if (err)
        haul_buf_addf(message, "%s: cannot be read: %s", path, haul_store_error(store));
    else
        err = haul_store_note(store, haul_sql_run(haul_store_db(store), "DETACH old"));
    return err;
}

static enum haul_err import_history(struct haul_store *store, const char *path,
                                    const struct haul_run_which *which, int64_t *id,
                                    struct haul_buf *message)
{
    enum haul_err err = find_run(path, which, id, message);

    return err ? err : import_found(store, path, *id, message);
}

enum haul_err haul_import_complete(struct haul_store *store, const char *path,
                                   struct haul_buf *message)
{
    int64_t id = 0;
    sqlite3 *db;
    enum haul_err err = haul_import_open(path, NULL, &db, message);

    if (!err)
        err = haul_sql_number(db, "SELECT max(id) FROM run WHERE complete", &id);
    sqlite3_close(db);
    return err || !id ? err : import_found(store, path, id, message);
}

/* ---- names ---- */

enum haul_err haul_import_run(struct haul_store *store, const char *name,
                              struct haul_import_found *found, struct haul_buf *message)
{
    struct haul_import_found ignored;
    struct haul_run_which which = {.number = -1};
    const char *at = access(name, F_OK) ? haul_run_name_find(name, &which) : NULL;
    char *path;
    enum haul_err err;

    if (!found)
        found = &ignored;
    *found = (struct haul_import_found){.file_len = at ? (size_t)(at - name) : strlen(name)};
    if (!at && !haul_import_is_history(name))
        return import_journal(store, name, message);
    path = strndup(name, found->file_len);
    if (!path)
        return HAUL_ERR_NOMEM;
    if (!at || haul_import_is_history(path) || access(path, F_OK))
        err = import_history(store, path, &which, &found->run, message);
    else
        err = refuse(message, path, "not a history of haul's");
    free(path);
    return err;
}
