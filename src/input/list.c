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

enum { READ_SIZE = 65536 };
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
    struct haul_lines lines;          /* [dispatcher] */
    struct haul_buf message;          /* [dispatcher] */
    char bytes[READ_SIZE];            /* [dispatcher] what `lines` was fed with */
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
           (source->kind == HAUL_SOURCE_SITEMAP && !haul_walk_is_url(source->text));
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

static struct haul_list *allocate(const struct haul_source *source, size_t count)
{
    struct haul_list *list = malloc(sizeof *list);

    if (!list)
        return NULL;
    list->source = source;
    list->count = count;
    list->opened = 0;
    list->urls = 0;
    list->name = NULL;
    list->fd = -1;
    list->may_wait = false;
    list->walk = NULL;
    list->walking = false;
    atomic_init(&list->stop, 0);
    haul_lines_init(&list->lines);
    haul_buf_init(&list->message, 0);
    return list;
}

enum haul_err haul_list_create(const struct haul_source *source, size_t count,
                               struct haul_list **out, struct haul_buf *message)
{
    enum haul_err err = check_sources(source, count, message);
    struct haul_list *list;

    *out = NULL;
    if (err)
        return err;
    list = allocate(source, count);
    if (!list) {
        haul_buf_add_str(message, haul_err_text(HAUL_ERR_NOMEM));
        return HAUL_ERR_NOMEM;
    }
    err = haul_wake_init(&list->wake);
    if (err) {
        haul_buf_add_str(message, "no descriptor left for the list reader");
        haul_list_free(list);
        return err;
    }
    *out = list;
    return HAUL_OK;
}

static void close_source(struct haul_list *list)
{
    if (list->fd >= 0 && !is_standard_input(list->name))
        close(list->fd);
    list->fd = -1;
    haul_lines_done(&list->lines);
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

static enum haul_err fail(struct haul_list *list, const char *what, int cause)
{
    haul_buf_add_str(&list->message, name_for_people(list->name));
    if (list->lines.line)
        haul_buf_addf(&list->message, ": after line %llu", (unsigned long long)list->lines.line);
    haul_buf_addf(&list->message, ": %s: ", what);
    add_cause(&list->message, cause);
    haul_buf_add_str(&list->message, "; the rest of this list is skipped");
    close_source(list);
    return HAUL_ERR_IO;
}

static enum haul_err open_source(struct haul_list *list, const char *name)
{
    struct stat st;

    list->name = name;
    haul_lines_init(&list->lines);
    /* O_NONBLOCK: opening a FIFO must not wait for its writer, poll does that. */
    if (is_standard_input(name))
        list->fd = STDIN_FILENO;
    else
        list->fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (list->fd < 0 || fstat(list->fd, &st) != 0)
        return fail(list, "cannot be opened", errno);
    list->may_wait = !S_ISREG(st.st_mode);
    return HAUL_OK;
}

/* Waits for bytes or for an interrupt, which wins if both are there. */
static enum haul_err wait_for_bytes(struct haul_list *list)
{
    struct pollfd on[] = {{.fd = list->fd, .events = POLLIN},
                          {.fd = list->wake.read_fd, .events = POLLIN}};

    while (poll(on, 2, -1) < 0)
        if (errno != EINTR && errno != EAGAIN)
            return fail(list, "waiting failed", errno);
    return on[1].revents ? HAUL_ERR_CLOSED : HAUL_OK;
}

static enum haul_err read_more(struct haul_list *list)
{
    ssize_t len;

    do {
        if (list->may_wait && wait_for_bytes(list) != HAUL_OK) {
            close_source(list);
            return list->message.len ? HAUL_ERR_IO : HAUL_ERR_CLOSED;
        }
        len = read(list->fd, list->bytes, sizeof list->bytes);
    } while (len < 0 && (errno == EINTR || (errno == EAGAIN && list->may_wait)));
    if (len < 0)
        return fail(list, "reading failed", errno);
    if (len == 0)
        haul_lines_finish(&list->lines);
    else
        haul_lines_feed(&list->lines, list->bytes, (size_t)len);
    return HAUL_OK;
}

/* An argument always counts, also a blank one: its row in the report shows what became of it. */
static enum haul_err give_argument(struct haul_list *list, const char *url, struct haul_item *out)
{
    haul_lines_classify(url, strlen(url), out);
    out->source = NULL;
    out->line = ++list->urls;
    return HAUL_OK;
}

/* HAUL_ERR_END: this list has no more entries. */
static enum haul_err next_line(struct haul_list *list, struct haul_item *out)
{
    enum haul_err err = haul_lines_next(&list->lines, out);

    while (err == HAUL_ERR_END && !list->lines.finished) {
        err = read_more(list);
        if (!err)
            err = haul_lines_next(&list->lines, out);
    }
    if (!err)
        out->source = list->name;
    return err;
}

static enum haul_err begin_walk(struct haul_list *list, const struct haul_source *source)
{
    if (!list->walk) {
        haul_buf_add_str(&list->message, "a sitemap cannot be read here");
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

    haul_buf_clear(&list->message);
    while (err == HAUL_ERR_END) {
        if (atomic_load_explicit(&list->stop, memory_order_relaxed) & STOP_ALL)
            return HAUL_ERR_CLOSED;
        if (list->fd >= 0) {
            err = next_line(list, out);
            if (err == HAUL_ERR_END)
                close_source(list);
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
