#include "report/failed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/escape.h"
#include "base/io.h"
#include "base/message.h"
#include "base/out.h"
#include "base/scratch.h"
#include "model/job.h"
#include "report/entry_text.h"
#include "report/failed_table.h"
#include "report/row.h"

/*
 * In the scratch file stands one entry behind the other, each of them strings that end in NUL: its
 * kind, the text for a plain list, its URL for a table, the number of its attached values, and for
 * each of these the number of its column and itself.
 */
enum kind {
    ENTRY = 'e',   /* a URL alone, which may be a row of a table */
    MORE = 'm',    /* one that says more, and may not */
    ROW = 'r',     /* a row of a table */
    COMMENT = 'c', /* of either */
};

struct haul_failed {
    const struct haul_config *config;
    struct haul_out *file, *spool;
    int spool_fd;
    struct haul_buf line, text; /* for one call */
    struct haul_failed_table table;
    uint64_t secrets;  /* entries that are comments for what they hold */
    uint64_t unknown;  /* that a journal knows by their URL only */
    uint64_t misfits;  /* in a table, that say more */
    uint64_t unnamed;  /* of whose files it does not say the names that they were given */
    enum haul_err err; /* the first */
    int error;         /* its errno, or 0 */
};

static enum haul_err open_spool(struct haul_failed *failed, struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];
    int error;

    failed->spool_fd = haul_scratch_open_beside(failed->config->save_failed);
    if (failed->spool_fd < 0) {
        error = errno;
        haul_message_next(message);
        haul_buf_addf(message,
                      "%s: no file can be made beside it, or in $TMPDIR, for what is to be in it: "
                      "%s",
                      failed->config->save_failed, haul_io_error_text(error, text));
        return HAUL_ERR_IO;
    }
    failed->spool = haul_out_create(failed->spool_fd);
    return failed->spool ? HAUL_OK : HAUL_ERR_NOMEM;
}

enum haul_err haul_failed_create(const struct haul_config *config, int fd, struct haul_failed **out,
                                 struct haul_buf *message)
{
    struct haul_failed *failed = calloc(1, sizeof *failed);
    enum haul_err err;

    *out = NULL;
    if (!failed)
        return HAUL_ERR_NOMEM;
    failed->config = config;
    failed->spool_fd = -1;
    haul_buf_init(&failed->line, 0);
    haul_buf_init(&failed->text, 0);
    haul_failed_table_init(&failed->table, config);
    failed->file = haul_out_create(fd);
    err = failed->file ? open_spool(failed, message) : HAUL_ERR_NOMEM;
    if (err) {
        haul_failed_free(failed);
        return err;
    }
    *out = failed;
    return HAUL_OK;
}

void haul_failed_free(struct haul_failed *failed)
{
    if (!failed)
        return;
    haul_out_free(failed->file);
    haul_out_free(failed->spool);
    if (failed->spool_fd >= 0)
        close(failed->spool_fd);
    haul_buf_done(&failed->line);
    haul_buf_done(&failed->text);
    haul_failed_table_done(&failed->table);
    free(failed);
}

int haul_failed_errno(const struct haul_failed *failed)
{
    return failed->error;
}

static void fail(struct haul_failed *failed, enum haul_err err, int error)
{
    if (failed->err)
        return;
    failed->err = err;
    failed->error = error;
}

/* ---- adding ---- */

static void add_string(struct haul_buf *buf, const char *text)
{
    haul_buf_add(buf, text, strlen(text) + 1);
}

static void add_number(struct haul_buf *buf, size_t number)
{
    haul_buf_add_u64(buf, number);
    haul_buf_add_char(buf, '\0');
}

/* A table has no names of files, and whoever follows no keys of lists takes none from them. */
static bool is_unnamed(const struct haul_config *config, const struct haul_record *rec)
{
    enum haul_entry_name name = haul_entry_text_name(rec->entry);

    return name == HAUL_ENTRY_NAME_UNSAID ||
           (name == HAUL_ENTRY_NAME_SAID &&
            (rec->url_place || config->list_keys == HAUL_LIST_KEYS_NONE));
}

/* What can be asked for, and how much of it is known. */
static enum kind kind_of(struct haul_failed *failed, const struct haul_record *rec)
{
    if (!haul_row_is_saved(rec))
        return COMMENT;
    if (haul_row_has_secret(rec) || (rec->entry && *rec->entry == '#')) {
        failed->secrets++;
        return COMMENT;
    }
    failed->unnamed += is_unnamed(failed->config, rec);
    if (!rec->entry) {
        failed->unknown++;
        return haul_row_is_list_line(rec) ? ENTRY : COMMENT;
    }
    if (rec->url_place)
        return ROW;
    return strchr(rec->entry, '\t') || strstr(rec->entry, "\n ") ? MORE : ENTRY;
}

/* The URL for a table: as it was, or the only line of its entry. */
static void add_url(struct haul_buf *line, const struct haul_record *rec, enum kind kind)
{
    const char *entry = rec->entry ? rec->entry : "";

    if (kind == ENTRY || kind == ROW)
        haul_buf_add(line, *entry ? entry : rec->url,
                     *entry ? strcspn(entry, "\n") : strlen(rec->url));
    haul_buf_add_char(line, '\0');
}

/* A row that is a comment has its cells all the same, but for secret ones. */
static void add_attached(struct haul_failed *failed, const struct haul_record *rec)
{
    size_t count = rec->url_place ? rec->attached_count : 0;

    add_number(&failed->line, count);
    for (size_t i = 0; i < count; i++) {
        add_number(&failed->line,
                   haul_failed_table_column(&failed->table, rec->attached[i].name, i));
        add_string(&failed->line, haul_entry_text_has_userinfo(rec->attached[i].value)
                                      ? ""
                                      : rec->attached[i].value);
    }
}

void haul_failed_add(struct haul_failed *failed, const struct haul_record *rec)
{
    enum kind kind;

    haul_buf_clear(&failed->text);
    haul_row_save_failed(&failed->text, rec);
    if (!failed->text.len || failed->err)
        return;
    kind = kind_of(failed, rec);
    if (rec->url_place)
        haul_failed_table_note(&failed->table, rec);
    haul_buf_clear(&failed->line);
    haul_buf_add_char(&failed->line, (char)kind);
    haul_buf_add_char(&failed->line, '\0');
    add_string(&failed->line, haul_buf_str(&failed->text));
    add_url(&failed->line, rec, kind);
    add_attached(failed, rec);
    if (failed->line.err || failed->text.err)
        fail(failed, HAUL_ERR_NOMEM, 0);
    else
        haul_out_add(failed->spool, failed->line.data, failed->line.len);
}

/* ---- writing ---- */

/* The scratch file, from its beginning. */
struct reader {
    FILE *file;
    char *text; /* the string read last */
    size_t size;
    bool has_failed;
};

static const char *read_string(struct reader *reader)
{
    ssize_t len = getdelim(&reader->text, &reader->size, '\0', reader->file);

    reader->has_failed = reader->has_failed || (len < 0 && !feof(reader->file));
    return len < 0 ? "" : reader->text;
}

/* A row's URL is a comment: what a plain list has in two lines, or in more. */
static void add_remark(struct haul_buf *line, const char *text)
{
    size_t len = strcspn(text, "\n"), rest = text[len] ? strcspn(text + len + 1, "\t\n") : 0;

    haul_buf_add(line, text, len);
    if (rest) {
        haul_buf_add_str(line, ": ");
        haul_buf_add(line, text + len + 1, rest);
    }
    haul_buf_add_char(line, '\0');
}

static void write_row(struct haul_failed *failed, struct reader *reader, char kind)
{
    struct haul_buf *url = &failed->line;
    size_t count, column;

    haul_buf_clear(url);
    if (kind == MORE || kind == COMMENT)
        add_remark(url, haul_buf_str(&failed->text));
    failed->misfits += kind == MORE;
    if (kind == MORE || kind == COMMENT)
        (void)read_string(reader);
    else
        haul_buf_add_str(url, read_string(reader));
    haul_failed_table_begin(&failed->table, haul_buf_str(url));
    count = strtoul(read_string(reader), NULL, 10);
    for (size_t i = 0; i < count; i++) {
        column = strtoul(read_string(reader), NULL, 10);
        haul_failed_table_set(&failed->table, column, read_string(reader));
    }
    if (haul_failed_table_is_too_long(&failed->table)) {
        failed->misfits += kind == ROW;
        haul_buf_clear(&failed->text);
        haul_buf_addf(&failed->text, "# more than a row may hold: %s", haul_buf_str(url));
        haul_failed_table_begin(&failed->table, haul_buf_str(&failed->text));
    }
    haul_failed_table_end(&failed->table, failed->file);
}

static void skip_row(struct reader *reader)
{
    size_t count;

    (void)read_string(reader);
    count = strtoul(read_string(reader), NULL, 10);
    for (size_t i = 0; i < 2 * count; i++)
        (void)read_string(reader);
}

static void write_entry(struct haul_failed *failed, struct reader *reader, char kind)
{
    haul_buf_clear(&failed->text);
    haul_buf_add_str(&failed->text, read_string(reader));
    if (haul_failed_table_is_used(&failed->table)) {
        write_row(failed, reader, kind);
        return;
    }
    haul_out_add(failed->file, haul_buf_str(&failed->text), failed->text.len);
    skip_row(reader);
}

static void write_all(struct haul_failed *failed)
{
    struct reader reader = {.file = NULL};
    char kind;

    if (haul_out_flush(failed->spool)) {
        fail(failed, HAUL_ERR_IO, haul_out_error(failed->spool));
        return;
    }
    if (lseek(failed->spool_fd, 0, SEEK_SET) == 0)
        reader.file = fdopen(failed->spool_fd, "r");
    if (!reader.file) {
        fail(failed, HAUL_ERR_IO, errno);
        return;
    }
    failed->spool_fd = -1; /* it is closed with the file */
    if (haul_failed_table_is_used(&failed->table))
        haul_failed_table_write_header(&failed->table, failed->file);
    while (!failed->err && (kind = *read_string(&reader)) != '\0') {
        write_entry(failed, &reader, kind);
        if (failed->line.err || failed->text.err)
            fail(failed, HAUL_ERR_NOMEM, 0);
    }
    if (reader.has_failed)
        fail(failed, HAUL_ERR_IO, EIO);
    free(reader.text);
    (void)fclose(reader.file);
}

/* ---- what is told ---- */

static void tell(const struct haul_failed *failed, struct haul_buf *message, uint64_t count,
                 const char *what)
{
    if (count)
        haul_buf_addf(message, "%s: %llu %s %s\n", failed->config->save_failed,
                      (unsigned long long)count, count == 1 ? "entry" : "entries", what);
}

static void tell_all(const struct haul_failed *failed, struct haul_buf *message)
{
    if (haul_failed_table_is_used(&failed->table) && !failed->config->quiet) {
        haul_buf_addf(message, "%s: this is a table; it is read again with ",
                      failed->config->save_failed);
        haul_failed_table_add_options(&failed->table, message);
        haul_buf_add_char(message, '\n');
    }
    tell(failed, message, failed->secrets,
         "with a password, another secret or more than a line may hold: written as comments only");
    tell(failed, message, failed->misfits,
         "with mirrors, keys, labels or more than a row may hold: in a table they are comments "
         "only");
    tell(failed, message, failed->unnamed,
         "whose files have names that depend on the rest of the list and cannot be said here: read "
         "again, they get other names, which may be those of other files; so read it with "
         "--journal and --resume, or into another --dir");
    tell(failed, message, failed->unknown,
         "of a journal without what the list said of them: written without mirrors, keys, labels "
         "and columns; name the list with -i to have them");
    tell(failed, message, failed->table.left_out,
         "of tables with more than 256 columns together: some columns are left out");
}

enum haul_err haul_failed_finish(struct haul_failed *failed, struct haul_buf *message)
{
    if (!failed->err)
        write_all(failed);
    if (!failed->err && failed->table.names.err)
        fail(failed, HAUL_ERR_NOMEM, 0);
    if (haul_out_flush(failed->file))
        fail(failed, HAUL_ERR_IO, haul_out_error(failed->file));
    if (!failed->err)
        tell_all(failed, message);
    return failed->err;
}
