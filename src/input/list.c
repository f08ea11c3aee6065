#include "input/list.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/wake.h"
#include "input/entries.h"
#include "input/gunzip.h"
#include "input/table.h"
#include "model/source.h"

enum { READ_SIZE = 65536, MAGIC_LEN = 2 };

/*
 * So long a live list may be silent before its last line is taken to be without keys. Once a key
 * was seen, it may be silent for ever.
 */
enum { SILENCE_MS = 1000 };

enum { STOP_WAITING = 1, STOP_ALL = 2 };

struct haul_list {
    const struct haul_source *source; /* [const after create] the configuration's */
    size_t count;                     /* [const after create] */
    size_t opened;                    /* [dispatcher] sources begun so far */
    uint64_t urls;                    /* [dispatcher] URLs of the command line given so far */
    const char *name;                 /* [dispatcher] the list being read */
    int fd;                           /* [dispatcher] its descriptor, -1: none is open */
    bool may_wait;                    /* [dispatcher] a read from it can block without end */
    struct haul_wake wake;            /* [const after create] readable once interrupted */
    atomic_int stop;                  /* [atomic] STOP_ bits */
    struct haul_walk *walk;           /* [dispatcher] or NULL */
    bool walking;                     /* [dispatcher] a source is read by the walk */
    const char *column;               /* [const after create] lists are tables; or NULL */
    struct haul_entries entries;      /* [dispatcher] of a list that is no table */
    struct haul_table table;          /* [dispatcher] of one that is */
    struct haul_gunzip *gunzip;       /* [dispatcher] of a compressed list, or NULL */
    bool is_trial;                    /* [main] only the header line is read */
    bool begun;                       /* [dispatcher] its first bytes were read */
    enum haul_err deferred;           /* [dispatcher] how reading ended, told with the next call */
    struct haul_setting_told told;    /* [dispatcher] */
    struct haul_buf message;          /* [dispatcher] */
    char bytes[READ_SIZE];            /* [dispatcher] as read */
};

static bool is_standard_input(const char *name)
{
    return strcmp(name, "-") == 0;
}

static const char *name_for_people(const char *name)
{
    return is_standard_input(name) ? "standard input" : name;
}

static void add_cause(struct haul_buf *message, int cause)
{
    char text[128];

    if (strerror_r(cause, text, sizeof text) == 0)
        haul_buf_add_str(message, text);
    else
        haul_buf_addf(message, "error %d", cause);
}

static enum haul_err refuse(struct haul_buf *message, const char *name, int cause)
{
    haul_buf_addf(message, "%s: cannot be read as a list: ", name_for_people(name));
    add_cause(message, cause);
    return HAUL_ERR_USAGE;
}

/* Returns 0 or the cause. A pipe is not opened: that would end it for whoever writes to it. */
static int try_to_read(const char *name)
{
    struct stat st;
    int fd;

    if (stat(name, &st) != 0)
        return errno;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    if (!S_ISREG(st.st_mode))
        return faccessat(AT_FDCWD, name, R_OK, AT_EACCESS) == 0 ? 0 : errno;
    fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int try_standard_input(void)
{
    struct stat st;

    if (fstat(STDIN_FILENO, &st) != 0)
        return errno;
    return S_ISDIR(st.st_mode) ? EISDIR : 0;
}

static bool is_file(const struct haul_source *source)
{
    return source->kind == HAUL_SOURCE_FILE ||
           (source->kind == HAUL_SOURCE_SITEMAP && !haul_source_is_url(source->text));
}

static enum haul_err check_sources(const struct haul_source *source, size_t count,
                                   struct haul_buf *message)
{
    bool seen_standard_input = false;

    for (size_t i = 0; i < count; i++) {
        const char *name = source[i].text;
        bool standard_input = is_standard_input(name);
        int cause;

        if (!is_file(&source[i]))
            continue;
        if (standard_input && seen_standard_input) {
            haul_buf_add_str(message, "standard input ('-') can be read as a list only once");
            return HAUL_ERR_USAGE;
        }
        seen_standard_input = seen_standard_input || standard_input;
        cause = standard_input ? try_standard_input() : try_to_read(name);
        if (cause)
            return refuse(message, name, cause);
    }
    return HAUL_OK;
}

static struct haul_list *allocate(const struct haul_source *source, size_t count,
                                  const char *column)
{
    struct haul_list *list = calloc(1, sizeof *list);

    if (!list)
        return NULL;
    list->source = source;
    list->count = count;
    list->column = column;
    list->fd = -1;
    atomic_init(&list->stop, 0);
    haul_entries_init(&list->entries, &list->told);
    haul_table_init(&list->table, column);
    haul_buf_init(&list->message, 0);
    return list;
}

static void close_source(struct haul_list *list)
{
    if (list->fd >= 0 && !is_standard_input(list->name))
        close(list->fd);
    list->fd = -1;
    list->deferred = HAUL_OK;
    haul_entries_done(&list->entries);
    haul_table_done(&list->table);
    haul_gunzip_free(list->gunzip);
    list->gunzip = NULL;
}

void haul_list_use_walk(struct haul_list *list, struct haul_walk *walk)
{
    list->walk = walk;
}

void haul_list_free(struct haul_list *list)
{
    if (!list)
        return;
    close_source(list);
    haul_wake_done(&list->wake);
    haul_buf_done(&list->message);
    free(list);
}

const char *haul_list_message(const struct haul_list *list)
{
    return haul_buf_str(&list->message);
}

void haul_list_interrupt(struct haul_list *list, bool abort)
{
    int saved_errno = errno; /* this may run in a signal handler */

    atomic_fetch_or(&list->stop, abort ? STOP_ALL | STOP_WAITING : STOP_WAITING);
    haul_wake_up(&list->wake);
    errno = saved_errno;
}

static uint64_t lines_read(const struct haul_list *list)
{
    return list->column ? list->table.csv.line : list->entries.lines.line;
}

static enum haul_err fail(struct haul_list *list, const char *what, const char *cause)
{
    haul_buf_add_str(&list->message, name_for_people(list->name));
    if (lines_read(list) && !list->is_trial)
        haul_buf_addf(&list->message, ": after line %llu", (unsigned long long)lines_read(list));
    haul_buf_addf(&list->message, ": %s", what);
    if (cause)
        haul_buf_addf(&list->message, ": %s", cause);
    if (!list->is_trial)
        haul_buf_add_str(&list->message, "; the rest of this list is skipped");
    return HAUL_ERR_IO;
}

static enum haul_err fail_system(struct haul_list *list, const char *what, int cause)
{
    struct haul_buf text;
    enum haul_err err;

    haul_buf_init(&text, 0);
    add_cause(&text, cause);
    err = fail(list, what, haul_buf_str(&text));
    haul_buf_done(&text);
    return err;
}

static enum haul_err open_source(struct haul_list *list, const char *name)
{
    struct stat st;

    list->name = name;
    list->begun = false;
    haul_entries_init(&list->entries, &list->told);
    haul_table_init(&list->table, list->column);
    /* O_NONBLOCK: opening a FIFO must not wait for its writer, poll does that. */
    if (is_standard_input(name))
        list->fd = STDIN_FILENO;
    else
        list->fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (list->fd < 0 || fstat(list->fd, &st) != 0) {
        enum haul_err err = fail_system(list, "cannot be opened", errno);

        close_source(list);
        return err;
    }
    list->may_wait = !S_ISREG(st.st_mode);
    return HAUL_OK;
}

/* ---- bytes ---- */

/* How long a source may keep its reader waiting, in ms; -1: for ever. */
static int patience_ms(const struct haul_list *list)
{
    const struct haul_entries *entries = &list->entries;
    bool has_draft = !list->column && entries->draft[entries->current].is_open;

    return has_draft && !entries->has_settings ? SILENCE_MS : -1;
}

/* Waits for bytes or for an interrupt, which wins if both are there. HAUL_ERR_END: neither came. */
static enum haul_err wait_for_bytes(struct haul_list *list)
{
    struct pollfd on[] = {{.fd = list->fd, .events = POLLIN},
                          {.fd = list->wake.read_fd, .events = POLLIN}};
    int ready;

    while ((ready = poll(on, 2, patience_ms(list))) < 0)
        if (errno != EINTR && errno != EAGAIN)
            return fail_system(list, "waiting failed", errno);
    if (on[1].revents)
        return HAUL_ERR_CLOSED;
    return ready ? HAUL_OK : HAUL_ERR_END;
}

/* Reads bytes behind the `from` that are there. *len is 0 at the end of the source. */
static enum haul_err read_bytes(struct haul_list *list, size_t from, size_t *len)
{
    ssize_t got;

    do {
        enum haul_err err = list->may_wait ? wait_for_bytes(list) : HAUL_OK;

        if (err)
            return err;
        got = read(list->fd, list->bytes + from, sizeof list->bytes - from);
    } while (got < 0 && (errno == EINTR || (errno == EAGAIN && list->may_wait)));
    if (got < 0)
        return fail_system(list, "reading failed", errno);
    *len = (size_t)got;
    return HAUL_OK;
}

/* The first bytes say whether the list is compressed. */
static enum haul_err read_beginning(struct haul_list *list, size_t *len)
{
    size_t more = 1;
    enum haul_err err = HAUL_OK;

    for (*len = 0; *len < MAGIC_LEN && more && !err; *len += more)
        err = read_bytes(list, *len, &more);
    if (err)
        return err;
    list->begun = true;
    if (*len < MAGIC_LEN || !haul_gunzip_is_magic(list->bytes))
        return HAUL_OK;
    list->gunzip = haul_gunzip_create();
    return list->gunzip ? HAUL_OK : HAUL_ERR_NOMEM;
}

static void feed(struct haul_list *list, const char *text, size_t len)
{
    if (list->column)
        haul_csv_feed(&list->table.csv, text, len);
    else
        haul_entries_feed(&list->entries, text, len);
}

static void finish(struct haul_list *list)
{
    if (list->column)
        haul_csv_finish(&list->table.csv);
    else
        haul_entries_finish(&list->entries);
}

static bool is_finished(const struct haul_list *list)
{
    return list->column ? list->table.csv.finished : list->entries.lines.finished;
}

/* HAUL_ERR_END: more compressed bytes are needed. */
static enum haul_err feed_unpacked(struct haul_list *list)
{
    const char *text;
    size_t len;
    enum haul_err err = haul_gunzip_next(list->gunzip, &text, &len);

    if (!err)
        feed(list, text, len);
    else if (err == HAUL_ERR_SYNTAX)
        return fail(list, "the gzip data are damaged", NULL);
    else if (err == HAUL_ERR_LIMIT)
        return fail(list, "the gzip data unpack to far more than a list would", NULL);
    return err;
}

static enum haul_err take_bytes(struct haul_list *list, size_t len)
{
    if (!list->gunzip)
        feed(list, list->bytes, len);
    else
        haul_gunzip_feed(list->gunzip, list->bytes, len);
    return HAUL_OK;
}

/* HAUL_ERR_END: nothing comes for a while. */
static enum haul_err read_more(struct haul_list *list)
{
    enum haul_err err = list->gunzip ? feed_unpacked(list) : HAUL_ERR_END;
    size_t len;

    if (err != HAUL_ERR_END)
        return err;
    err = list->begun ? read_bytes(list, 0, &len) : read_beginning(list, &len);
    if (err)
        return err;
    if (len)
        return take_bytes(list, len);
    if (list->gunzip && !haul_gunzip_is_whole(list->gunzip))
        return fail(list, "the gzip data end before their end", NULL);
    finish(list);
    return HAUL_OK;
}

/* ---- entries ---- */

/* An argument always counts, also a blank one: its row in the report shows what became of it. */
static enum haul_err give_argument(struct haul_list *list, const char *url, struct haul_item *out)
{
    haul_lines_classify(url, strlen(url), out);
    out->source = NULL;
    out->line = ++list->urls;
    return HAUL_OK;
}

static enum haul_err next_known(struct haul_list *list, struct haul_item *out)
{
    enum haul_err err;

    if (!list->column)
        return haul_entries_next(&list->entries, out);
    err = haul_table_next(&list->table, out);
    if (err != HAUL_ERR_SYNTAX)
        return err;
    return fail(list, "the header line", haul_table_problem(&list->table));
}

/* HAUL_ERR_END: this list has no more entries. */
static enum haul_err next_entry(struct haul_list *list, struct haul_item *out)
{
    enum haul_err err = next_known(list, out);

    while (err == HAUL_ERR_END && !is_finished(list)) {
        err = read_more(list);
        if (err == HAUL_ERR_END)
            return haul_entries_take(&list->entries, out);
        if (!err)
            err = next_known(list, out);
    }
    return err;
}

/* However the reading ends, the line that waits for its keys is given first. */
static enum haul_err next_of_source(struct haul_list *list, struct haul_item *out)
{
    enum haul_err err = list->deferred ? list->deferred : next_entry(list, out);

    if (err && !list->deferred && !list->column &&
        haul_entries_take(&list->entries, out) == HAUL_OK) {
        list->deferred = err;
        err = HAUL_OK;
    }
    if (err)
        close_source(list);
    else
        out->source = list->name;
    return err;
}

static enum haul_err begin_walk(struct haul_list *list, const struct haul_source *source)
{
    if (!list->walk) {
        haul_buf_add_str(&list->message, "sitemaps are not read here");
        return HAUL_ERR_IO;
    }
    haul_walk_begin(list->walk, source, list->wake.read_fd);
    list->walking = true;
    return HAUL_ERR_END;
}

static enum haul_err walk_on(struct haul_list *list, struct haul_item *out)
{
    enum haul_err err = haul_walk_next(list->walk, out);

    if (err == HAUL_ERR_IO)
        haul_buf_add_str(&list->message, haul_walk_message(list->walk));
    if (err == HAUL_ERR_END || err == HAUL_ERR_CLOSED || err == HAUL_ERR_NOMEM)
        list->walking = false;
    return err;
}

enum haul_err haul_list_next(struct haul_list *list, struct haul_item *out)
{
    enum haul_err err = HAUL_ERR_END;

    if (!list->deferred)
        haul_buf_clear(&list->message);
    while (err == HAUL_ERR_END) {
        if (atomic_load_explicit(&list->stop, memory_order_relaxed) & STOP_ALL)
            return HAUL_ERR_CLOSED;
        if (list->fd >= 0) {
            err = next_of_source(list, out);
        } else if (list->walking) {
            err = walk_on(list, out);
        } else if (list->opened == list->count) {
            return HAUL_ERR_END;
        } else {
            const struct haul_source *source = &list->source[list->opened++];

            if (source->kind == HAUL_SOURCE_URL)
                return give_argument(list, source->text, out);
            if (source->kind != HAUL_SOURCE_FILE) {
                err = begin_walk(list, source);
                continue;
            }
            err = open_source(list, source->text);
            if (!err)
                err = HAUL_ERR_END;
        }
    }
    return err;
}

const char *haul_list_warning(const struct haul_list *list)
{
    return haul_entries_warning(&list->entries);
}

/* ---- making ---- */

/* A wrong column is known before anything is fetched, where the list can be read twice. */
static enum haul_err try_header(struct haul_list *list, const char *name, struct haul_buf *message)
{
    struct haul_item item;
    struct stat st;
    enum haul_err err;

    if (is_standard_input(name) || stat(name, &st) != 0 || !S_ISREG(st.st_mode))
        return HAUL_OK;
    list->is_trial = true;
    err = open_source(list, name);
    if (!err) {
        err = next_entry(list, &item);
        err = err == HAUL_ERR_IO && list->table.has_header ? HAUL_OK : err;
        close_source(list);
    }
    list->is_trial = false;
    if (err == HAUL_ERR_IO)
        haul_buf_add_str(message, haul_buf_str(&list->message));
    haul_buf_clear(&list->message);
    return err == HAUL_ERR_IO ? HAUL_ERR_USAGE : err == HAUL_ERR_NOMEM ? err : HAUL_OK;
}

static enum haul_err try_headers(struct haul_list *list, struct haul_buf *message)
{
    enum haul_err err = HAUL_OK;

    for (size_t i = 0; i < list->count && list->column && !err; i++)
        if (list->source[i].kind == HAUL_SOURCE_FILE)
            err = try_header(list, list->source[i].text, message);
    return err;
}

enum haul_err haul_list_create(const struct haul_source *source, size_t count, const char *column,
                               struct haul_list **out, struct haul_buf *message)
{
    enum haul_err err = check_sources(source, count, message);
    struct haul_list *list;

    *out = NULL;
    if (err)
        return err;
    list = allocate(source, count, column);
    if (!list) {
        haul_buf_add_str(message, haul_err_text(HAUL_ERR_NOMEM));
        return HAUL_ERR_NOMEM;
    }
    err = haul_wake_init(&list->wake);
    if (err)
        haul_buf_add_str(message, "no descriptor left for the list reader");
    else
        err = try_headers(list, message);
    if (err)
        haul_list_free(list);
    else
        *out = list;
    return err;
}
