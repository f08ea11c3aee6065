#include "input/list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/wake.h"
#include "input/entries.h"
#include "input/nothing.h"
#include "input/reader.h"
#include "input/trims.h"
#include "model/run_files.h"

/*
 * So long a live list may be silent before its last line is taken to be without keys. Once a key
 * was seen, it may be silent for ever.
 */
enum { SILENCE_MS = 1000 };

struct haul_list {
    const struct haul_source *source; /* [const after create] the configuration's */
    size_t count;                     /* [const after create] */
    size_t opened;                    /* [dispatcher] sources begun so far */
    uint64_t urls;                    /* [dispatcher] URLs of the command line given so far */
    const char *name;                 /* [dispatcher] the list being read */
    struct haul_wake wake;            /* [const after create] readable once interrupted */
    struct haul_wake nudge;           /* [const after create] readable once nudged */
    atomic_bool is_aborted;           /* [atomic] nothing more is given */
    const struct haul_opener *opener; /* [const after the first call of next] or NULL */
    struct haul_walk *walk;           /* [dispatcher] or NULL */
    bool walking;                     /* [dispatcher] a source is read by the walk */
    struct haul_table_form form;      /* [const after create] column NULL: lists are no tables */
    struct haul_entries entries;      /* [dispatcher] of the list */
    bool has_given;                   /* [dispatcher] an entry of it */
    struct haul_trims trims;          /* [dispatcher] of it */
    struct haul_trims url_trims;      /* [dispatcher] of the command line */
    struct haul_buf columns;          /* [main] names, each terminated, of tables that were tried */
    bool is_trial;                    /* [main] only the header line is read */
    enum haul_err deferred;           /* [dispatcher] how reading ended, told with the next call */
    int64_t silent_since_us;          /* [dispatcher] its last line waits since; 0: none does */
    struct haul_setting_rules rules;  /* [const after create] */
    struct haul_setting_told told;    /* [dispatcher] */
    struct haul_buf message, warning; /* [dispatcher] */
    struct haul_buf nothing;          /* [dispatcher] */
    bool has_lost;                    /* [dispatcher] the warning is of entries passed over */
    struct haul_reader reader;        /* [dispatcher] its bytes, while a list is open */
};

static struct haul_list *allocate(const struct haul_source *source, size_t count,
                                  const struct haul_table_form *form,
                                  const struct haul_setting_rules *rules)
{
    struct haul_list *list = calloc(1, sizeof *list);

    if (!list)
        return NULL;
    list->source = source;
    list->count = count;
    if (form)
        list->form = *form;
    if (rules)
        list->rules = *rules;
    haul_reader_init(&list->reader);
    atomic_init(&list->is_aborted, false);
    haul_entries_init(&list->entries, &list->form, &list->rules, &list->told);
    haul_buf_init(&list->message, 0);
    haul_buf_init(&list->warning, 0);
    haul_buf_init(&list->nothing, 0);
    haul_buf_init(&list->columns, 0);
    return list;
}

static void close_source(struct haul_list *list)
{
    haul_reader_close(&list->reader);
    list->deferred = HAUL_OK;
    haul_entries_done(&list->entries);
}

void haul_list_use_walk(struct haul_list *list, struct haul_walk *walk)
{
    list->walk = walk;
}

void haul_list_use_opener(struct haul_list *list, const struct haul_opener *opener)
{
    list->opener = opener;
}

void haul_list_free(struct haul_list *list)
{
    if (!list)
        return;
    close_source(list);
    haul_wake_done(&list->wake);
    haul_wake_done(&list->nudge);
    haul_buf_done(&list->message);
    haul_buf_done(&list->warning);
    haul_buf_done(&list->nothing);
    haul_buf_done(&list->columns);
    free(list);
}

const char *haul_list_message(const struct haul_list *list)
{
    return haul_buf_str(&list->message);
}

void haul_list_interrupt(struct haul_list *list, bool abort)
{
    int saved_errno = errno; /* this may run in a signal handler */

    if (abort)
        atomic_store(&list->is_aborted, true);
    haul_wake_up(&list->wake);
    errno = saved_errno;
}

void haul_list_nudge(struct haul_list *list)
{
    haul_wake_up(&list->nudge);
}

static enum haul_err fail(struct haul_list *list, const char *what, const char *cause)
{
    unsigned long long line = haul_entries_line(&list->entries);

    haul_buf_add_str(&list->message, haul_reader_shown_name(list->name));
    if (line && !list->is_trial)
        haul_buf_addf(&list->message, ": after line %llu", line);
    haul_buf_addf(&list->message, ": %s", what);
    if (cause)
        haul_buf_addf(&list->message, ": %s", cause);
    if (!list->is_trial)
        haul_buf_add_str(&list->message, "; the rest of this list is skipped");
    return HAUL_ERR_IO;
}

static enum haul_err open_source(struct haul_list *list, const char *name)
{
    int error = haul_reader_open(&list->reader, list->opener, name, list->wake.fd);
    char text[HAUL_IO_ERROR_MAX];

    list->reader.nudge_fd = list->nudge.fd;
    list->reader.is_text = true;
    list->name = name;
    list->has_given = false;
    list->trims = (struct haul_trims){0};
    haul_entries_init(&list->entries, &list->form, &list->rules, &list->told);
    return error ? fail(list, "cannot be opened", haul_io_error_text(error, text)) : HAUL_OK;
}

/* ---- bytes ---- */

/* How long a source may keep its reader waiting, in ms, nudges or not; -1: for ever. */
static int patience_ms(struct haul_list *list)
{
    int64_t now_us, silent_ms;

    if (!haul_entries_may_have_keys(&list->entries))
        return -1;
    now_us = haul_clock_us();
    if (!list->silent_since_us)
        list->silent_since_us = now_us;
    silent_ms = (now_us - list->silent_since_us) / 1000;
    return silent_ms < SILENCE_MS ? SILENCE_MS - (int)silent_ms : 0;
}

static enum haul_err fail_reading(struct haul_list *list)
{
    struct haul_buf cause;
    enum haul_err err;

    haul_buf_init(&cause, 0);
    haul_reader_add_fault(&list->reader, &cause);
    err = fail(list, haul_buf_str(&cause), NULL);
    haul_buf_done(&cause);
    return err;
}

/* HAUL_ERR_END: nothing comes for a while. */
static enum haul_err read_more(struct haul_list *list)
{
    const char *bytes;
    size_t len;
    enum haul_err err = haul_reader_next(&list->reader, patience_ms(list), &bytes, &len);

    if (err != HAUL_ERR_AGAIN)
        list->silent_since_us = 0;
    if (err == HAUL_ERR_IO)
        return fail_reading(list);
    if (err == HAUL_ERR_END)
        haul_entries_finish(&list->entries);
    else if (err)
        return err;
    else if (len)
        return haul_entries_add(&list->entries, bytes, len);
    else
        return HAUL_ERR_END;
    return HAUL_OK;
}

/* ---- entries ---- */

static enum haul_err next_known(struct haul_list *list, struct haul_list_entry *out)
{
    enum haul_err err = haul_entries_next(&list->entries, out);

    if (err != HAUL_ERR_SYNTAX)
        return err;
    return fail(list, "the header line", haul_table_problem(&list->entries.table));
}

/* HAUL_ERR_END: this list has no more entries. */
static enum haul_err next_entry(struct haul_list *list, struct haul_list_entry *out)
{
    enum haul_err err = next_known(list, out);

    while (err == HAUL_ERR_END && !list->entries.finished) {
        err = read_more(list);
        if (err == HAUL_ERR_END)
            return haul_entries_take(&list->entries, out);
        if (!err)
            err = next_known(list, out);
    }
    return err;
}

static void warn(struct haul_list *list, uint64_t line, const char *warning)
{
    if (*warning)
        haul_buf_addf(&list->warning, "%s:%llu: %s", haul_reader_shown_name(list->name),
                      (unsigned long long)line, warning);
}

/* What the reader of the list has to say. */
static enum haul_err note_warning(struct haul_list *list, enum haul_err err,
                                  const struct haul_list_entry *entry)
{
    struct haul_entries *entries = &list->entries;

    if (entries->kind == HAUL_ENTRIES_CELLS)
        warn(list, 1, haul_table_warning(&entries->table));
    else if (entries->kind == HAUL_ENTRIES_LINES && !err)
        warn(list, entry->line, haul_aria2_list_warning(&entries->aria2));
    if (err)
        haul_trims_tell(&list->trims, haul_reader_shown_name(list->name), &list->warning);
    else
        haul_trims_note(&list->trims, entry);
    return err == HAUL_ERR_END && (list->warning.len || list->nothing.len) ? HAUL_ERR_AGAIN : err;
}

static void note_nothing(struct haul_list *list)
{
    haul_buf_addf(&list->nothing, "%s: " HAUL_NOTHING_WORDS, haul_reader_shown_name(list->name));
    haul_entries_add_nothing(&list->entries, &list->nothing);
}

/* However the reading ends, the line that waits for its keys is given first. */
static enum haul_err next_of_source(struct haul_list *list, struct haul_list_entry *out)
{
    enum haul_err err = list->deferred ? list->deferred : next_entry(list, out);

    if (err == HAUL_ERR_AGAIN) {
        haul_wake_clear(&list->nudge);
        return err;
    }
    if (err && !list->deferred && haul_entries_take(&list->entries, out) == HAUL_OK) {
        list->deferred = err;
        err = HAUL_OK;
    }
    if (err == HAUL_ERR_END && !list->has_given)
        note_nothing(list);
    if (err)
        close_source(list);
    else
        out->source = list->name;
    list->has_given = list->has_given || !err;
    return note_warning(list, err, out);
}

/* HAUL_ERR_END: it has begun, and may have entries. */
static enum haul_err begin_source(struct haul_list *list, const struct haul_source *source,
                                  struct haul_list_entry *out)
{
    enum haul_err err = HAUL_OK;

    if (source->kind == HAUL_SOURCE_URL) {
        /* It is an entry also if it is blank: its row in the report shows what became of it. */
        (void)haul_lines_classify(source->text, strlen(source->text), out);
        out->line = ++list->urls;
        haul_trims_note(&list->url_trims, out);
        return HAUL_OK;
    }
    if (source->kind == HAUL_SOURCE_FILE) {
        err = open_source(list, source->text);
    } else if (list->walk) {
        haul_walk_begin(list->walk, source, list->wake.fd);
        list->walking = true;
    } else {
        haul_buf_add_str(&list->message, "sitemaps are not read here");
        err = HAUL_ERR_IO;
    }
    return err ? err : HAUL_ERR_END;
}

static enum haul_err walk_on(struct haul_list *list, struct haul_list_entry *out)
{
    enum haul_err err = haul_walk_next(list->walk, out);

    if (err == HAUL_ERR_IO)
        haul_buf_add_str(&list->message, haul_walk_message(list->walk));
    if (err == HAUL_ERR_AGAIN)
        haul_buf_add_str(&list->nothing, haul_walk_message(list->walk));
    haul_buf_add_str(&list->warning, haul_walk_warning(list->walk));
    list->has_lost = haul_walk_has_lost(list->walk);
    if (err == HAUL_ERR_END || err == HAUL_ERR_CLOSED || err == HAUL_ERR_NOMEM)
        list->walking = false;
    return err;
}

/* All sources are read. */
static enum haul_err end(struct haul_list *list)
{
    haul_trims_tell(&list->url_trims, "URL of the command line", &list->warning);
    list->url_trims = (struct haul_trims){0};
    return list->warning.len ? HAUL_ERR_AGAIN : HAUL_ERR_END;
}

enum haul_err haul_list_next(struct haul_list *list, struct haul_list_entry *out)
{
    enum haul_err err = HAUL_ERR_END;

    if (!list->deferred)
        haul_buf_clear(&list->message);
    haul_buf_clear(&list->warning);
    haul_buf_clear(&list->nothing);
    list->has_lost = false;
    while (err == HAUL_ERR_END) {
        if (atomic_load_explicit(&list->is_aborted, memory_order_relaxed))
            return HAUL_ERR_CLOSED;
        if (list->reader.fd >= 0)
            err = next_of_source(list, out);
        else if (list->walking)
            err = walk_on(list, out);
        else if (list->opened == list->count)
            return end(list);
        else
            err = begin_source(list, &list->source[list->opened++], out);
    }
    return err;
}

const char *haul_list_warning(const struct haul_list *list)
{
    return haul_buf_str(&list->warning);
}

bool haul_list_has_lost(const struct haul_list *list)
{
    return list->has_lost;
}

const char *haul_list_nothing(const struct haul_list *list)
{
    return haul_buf_str(&list->nothing);
}

/* ---- making ---- */

/* Returns 0 or an errno. A pipe is not opened: that would end it for whoever writes to it. */
static int try_to_read(const char *name, bool is_standard_input)
{
    struct stat st;
    int fd;

    if ((is_standard_input ? fstat(STDIN_FILENO, &st) : stat(name, &st)) != 0)
        return errno;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    if (is_standard_input)
        return 0;
    if (!S_ISREG(st.st_mode))
        return faccessat(AT_FDCWD, name, R_OK, AT_EACCESS) == 0 ? 0 : errno;
    fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

/*
 * Whether the sources that are files can be read, and standard input is there once at most. What is
 * wrong is in `message`.
 */
static enum haul_err check_sources(const struct haul_source *source, size_t count,
                                   struct haul_buf *message)
{
    bool seen_standard_input = false;

    for (size_t i = 0; i < count; i++) {
        const char *name = source[i].text;
        bool is_standard_input = strcmp(name, "-") == 0;
        char text[HAUL_IO_ERROR_MAX];
        int error;

        if (!haul_source_is_file(&source[i]))
            continue;
        if (is_standard_input && seen_standard_input) {
            haul_buf_add_str(message, "standard input ('-') can be read as a list only once");
            return HAUL_ERR_USAGE;
        }
        seen_standard_input = seen_standard_input || is_standard_input;
        error = try_to_read(name, is_standard_input);
        if (error) {
            haul_buf_addf(message, "%s: cannot be read as a %s: %s", haul_reader_shown_name(name),
                          source[i].kind == HAUL_SOURCE_SITEMAP
                              ? "sitemap (a URL begins with http:// or https://)"
                              : "list",
                          haul_io_error_text(error, text));
            return HAUL_ERR_USAGE;
        }
    }
    return HAUL_OK;
}

static void note_column(struct haul_list *list, const char *name)
{
    haul_buf_add(&list->columns, name, strlen(name) + 1);
}

/* `first`: the first entry, or NULL. In JSON Lines nothing else tells. */
static void note_columns(struct haul_list *list, const struct haul_list_entry *first)
{
    const struct haul_entry_options *said = first ? first->options : NULL;
    const char *name;

    if (list->entries.kind == HAUL_ENTRIES_JSON)
        for (size_t i = 0; said && i < said->attached_count; i++)
            note_column(list, said->attached[i].name);
    for (size_t i = 0; (name = haul_table_column(&list->entries.table, i)) != NULL; i++)
        note_column(list, name);
}

enum haul_err haul_list_columns(const struct haul_list *list, haul_list_column_fn *add, void *arg)
{
    const char *name = haul_buf_str(&list->columns), *end = name + list->columns.len;
    enum haul_err err = HAUL_OK;

    for (; name < end && !err; name += strlen(name) + 1)
        err = add(arg, name);
    return err;
}

/* A wrong column is known before anything is fetched, where the list can be read twice. */
static enum haul_err try_header(struct haul_list *list, const char *name, struct haul_buf *message)
{
    struct haul_list_entry entry;
    struct stat st;
    enum haul_err err;

    if (strcmp(name, "-") == 0 || stat(name, &st) != 0 || !S_ISREG(st.st_mode))
        return HAUL_OK;
    list->is_trial = true;
    err = open_source(list, name);
    if (!err) {
        err = next_entry(list, &entry);
        note_columns(list, err ? NULL : &entry);
        err = err == HAUL_ERR_IO && list->entries.table.has_header ? HAUL_OK : err;
        close_source(list);
    }
    list->is_trial = false;
    if (err == HAUL_ERR_IO)
        haul_buf_add_str(message, haul_buf_str(&list->message));
    haul_buf_clear(&list->message);
    return err == HAUL_ERR_IO ? HAUL_ERR_USAGE : err == HAUL_ERR_NOMEM ? err : HAUL_OK;
}

enum haul_err haul_list_create(const struct haul_source *source, size_t count,
                               const struct haul_table_form *form,
                               const struct haul_setting_rules *rules, struct haul_list **out,
                               struct haul_buf *message)
{
    enum haul_err err = check_sources(source, count, message);
    struct haul_list *list;

    *out = NULL;
    if (err)
        return err;
    list = allocate(source, count, form, rules);
    if (!list) {
        haul_buf_add_str(message, haul_err_text(HAUL_ERR_NOMEM));
        return HAUL_ERR_NOMEM;
    }
    list->nudge.fd = -1;
    err = haul_wake_init(&list->wake);
    if (!err)
        err = haul_wake_init(&list->nudge);
    if (err)
        haul_buf_add_str(message, "no descriptor left for the list reader");
    for (size_t i = 0; i < count && list->form.column && !err; i++)
        if (source[i].kind == HAUL_SOURCE_FILE)
            err = try_header(list, source[i].text, message);
    if (err)
        haul_list_free(list);
    else
        *out = list;
    return err;
}
