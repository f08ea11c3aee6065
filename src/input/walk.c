#include "input/walk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/hash.h"
#include "input/gunzip.h"
#include "input/robots.h"
#include "input/sitemap.h"
#include "model/source.h"

enum {
    READ_SIZE = 65536,
    FAULTS_SHOWN_MAX = 100,
    NAMES_BYTES_MAX = 64 << 20, /* of all sitemaps' names */
    SITEMAP_URL_MAX = 2048,     /* sitemaps.org: a loc has less than 2048 characters */
    HOSTS_MAX = 4
};

/* The name of a sitemap, kept as long as its entries may live. */
struct name {
    struct name *next;
    char text[];
};

/* A sitemap that is being read. */
struct document {
    const char *name; /* for people, and the entries' source */
    uint64_t key;     /* of its URL; 0: a file */
    int fd;
    bool may_wait;              /* reading it can block without end */
    bool begun;                 /* its first bytes were read */
    bool ended;                 /* no more bytes will come */
    int64_t bytes;              /* unpacked so far */
    struct haul_gunzip *gunzip; /* or NULL: it is not packed */
    size_t plain;               /* bytes of `read` to be given, if it is not */
    struct haul_sitemap *sitemap;
    char read[READ_SIZE];
};

struct haul_walk {
    struct haul_walk_env env;
    struct haul_url_parser *urls;
    struct name *names;
    size_t names_bytes;
    struct haul_buf message;
    struct haul_buf cause;

    /* of the source */
    const struct haul_source *source; /* not yet begun, or NULL */
    int wake_fd;
    struct document
        *open[HAUL_SITEMAP_DEPTH_LIMIT]; /* the last is read, the others are its indexes */
    int depth;
    int count;       /* sitemaps begun */
    uint64_t faults; /* told or not */
    bool gave_up;    /* too many sitemaps, and that was said */
    bool from_network;
    char *host[HOSTS_MAX]; /* that may be named, if from_network */
    int hosts, own_hosts;  /* own_hosts: of these, those of the source itself */
    uint64_t *seen;        /* keys of the sitemaps begun; open addressing, 0 is free */
    size_t seen_count, seen_size;
    struct haul_buf robots_bytes; /* of robots.txt, while it is read */
    struct haul_robots robots;
    const char *robots_name; /* or NULL: none is read */

    /* of the entry that was given last */
    struct haul_entry entry;
    struct haul_attached lastmod;
};

/* ---- failing ---- */

static enum haul_err fail(struct haul_walk *walk, const char *name, uint64_t line,
                          const char *cause, const char *effect)
{
    haul_buf_clear(&walk->message);
    if (++walk->faults > FAULTS_SHOWN_MAX)
        return HAUL_ERR_IO;
    haul_buf_add_str(&walk->message, name);
    if (line)
        haul_buf_addf(&walk->message, ":%llu", (unsigned long long)line);
    haul_buf_addf(&walk->message, ": %s%s", cause, effect);
    return HAUL_ERR_IO;
}

static const char *error_text(struct haul_walk *walk, const char *what, int error)
{
    char text[128];

    haul_buf_clear(&walk->cause);
    haul_buf_addf(&walk->cause, "%s: ", what);
    if (strerror_r(error, text, sizeof text) == 0)
        haul_buf_add_str(&walk->cause, text);
    else
        haul_buf_addf(&walk->cause, "error %d", error);
    return haul_buf_str(&walk->cause);
}

const char *haul_walk_message(const struct haul_walk *walk)
{
    return haul_buf_str(&walk->message);
}

/* ---- names ---- */

/* Keeps a text as long as the walk. NULL: no memory, or too much of it was taken. */
static const char *keep_name(struct haul_walk *walk, const char *text, size_t len)
{
    struct name *name;

    if (len > NAMES_BYTES_MAX - walk->names_bytes)
        return NULL;
    name = malloc(sizeof *name + len + 1);
    if (!name)
        return NULL;
    memcpy(name->text, text, len);
    name->text[len] = '\0';
    name->next = walk->names;
    walk->names = name;
    walk->names_bytes += len;
    return name->text;
}

/* The URL as people may see it. */
static const char *keep_url_name(struct haul_walk *walk, const struct haul_url *url)
{
    const char *name = NULL;
    struct haul_buf shown;

    haul_buf_init(&shown, 0);
    haul_redactor_apply(walk->env.redactor, url->display, url->display_len, &shown);
    if (!shown.err)
        name = keep_name(walk, haul_buf_str(&shown), shown.len);
    haul_buf_done(&shown);
    return name;
}

/* ---- what was read already ---- */

static void put_seen(uint64_t *table, size_t size, uint64_t key)
{
    size_t slot = key & (size - 1);

    while (table[slot])
        slot = (slot + 1) & (size - 1);
    table[slot] = key;
}

static bool grow_seen(struct haul_walk *walk)
{
    size_t size = walk->seen_size ? walk->seen_size * 2 : 64;
    uint64_t *table = calloc(size, sizeof *table);

    if (!table)
        return false;
    for (size_t i = 0; i < walk->seen_size; i++)
        if (walk->seen[i])
            put_seen(table, size, walk->seen[i]);
    free(walk->seen);
    walk->seen = table;
    walk->seen_size = size;
    return true;
}

static bool has_seen(const struct haul_walk *walk, uint64_t key)
{
    size_t slot = walk->seen_size ? key & (walk->seen_size - 1) : 0;

    while (walk->seen_size && walk->seen[slot] && walk->seen[slot] != key)
        slot = (slot + 1) & (walk->seen_size - 1);
    return walk->seen_size && walk->seen[slot];
}

static bool note_seen(struct haul_walk *walk, uint64_t key)
{
    if (walk->seen_count * 2 >= walk->seen_size && !grow_seen(walk))
        return false;
    put_seen(walk->seen, walk->seen_size, key);
    walk->seen_count++;
    return true;
}

static bool is_open(const struct haul_walk *walk, uint64_t key)
{
    for (int i = 0; i < walk->depth; i++)
        if (walk->open[i]->key == key)
            return true;
    return false;
}

/* ---- hosts ---- */

static bool may_name(const struct haul_walk *walk, const struct haul_url *url)
{
    if (!walk->from_network || walk->env.config->sitemap_any_host)
        return true;
    for (int i = 0; i < walk->hosts; i++)
        if (strcmp(walk->host[i], url->host) == 0)
            return true;
    return false;
}

/* The last one makes room for the new one. */
static enum haul_err allow_host(struct haul_walk *walk, const char *host)
{
    char *copy = strdup(host);

    if (!copy)
        return HAUL_ERR_NOMEM;
    if (walk->hosts == HOSTS_MAX)
        free(walk->host[--walk->hosts]);
    walk->host[walk->hosts++] = copy;
    return HAUL_OK;
}

static void forget_hosts(struct haul_walk *walk, int keep)
{
    while (walk->hosts > keep)
        free(walk->host[--walk->hosts]);
}

static enum haul_err allow_effective_host(struct haul_walk *walk, const struct haul_buf *effective)
{
    struct haul_url url;
    enum haul_reason reason =
        haul_url_parse(walk->urls, haul_buf_str(effective), effective->len, &url);

    if (effective->err || reason == HAUL_REASON_NO_MEMORY)
        return HAUL_ERR_NOMEM;
    if (reason)
        return HAUL_OK;
    return may_name(walk, &url) ? HAUL_OK : allow_host(walk, url.host);
}

/* ---- documents ---- */

static void free_document(struct document *doc)
{
    if (!doc)
        return;
    if (doc->fd > STDIN_FILENO)
        close(doc->fd);
    haul_gunzip_free(doc->gunzip);
    haul_sitemap_free(doc->sitemap);
    free(doc);
}

static void close_top(struct haul_walk *walk)
{
    free_document(walk->open[--walk->depth]);
}

/* Takes `fd`, whatever comes of it. */
static enum haul_err open_document(struct haul_walk *walk, int fd, const char *name, uint64_t key)
{
    struct document *doc = malloc(sizeof *doc);
    struct stat st;

    if (!doc) {
        if (fd > STDIN_FILENO)
            close(fd);
        return HAUL_ERR_NOMEM;
    }
    doc->fd = fd;
    doc->name = name;
    doc->key = key;
    doc->may_wait = fstat(fd, &st) != 0 || !S_ISREG(st.st_mode);
    doc->begun = doc->ended = false;
    doc->bytes = 0;
    doc->gunzip = NULL;
    doc->plain = 0;
    if (haul_sitemap_create(&doc->sitemap)) {
        free_document(doc);
        return HAUL_ERR_NOMEM;
    }
    walk->open[walk->depth++] = doc;
    return HAUL_OK;
}

/* Waits for bytes or for the end of the run, which wins if both are there. */
static enum haul_err wait_for_bytes(struct haul_walk *walk, const struct document *doc)
{
    struct pollfd on[] = {{.fd = doc->fd, .events = POLLIN},
                          {.fd = walk->wake_fd, .events = POLLIN}};

    while (poll(on, 2, -1) < 0)
        if (errno != EINTR && errno != EAGAIN)
            return HAUL_ERR_IO;
    return on[1].revents ? HAUL_ERR_CLOSED : HAUL_OK;
}

/* One read(2) behind the `have` bytes that are there. HAUL_ERR_IO: errno says why. */
static enum haul_err read_once(struct haul_walk *walk, struct document *doc, size_t have,
                               size_t *len)
{
    ssize_t got;

    do {
        enum haul_err err = doc->may_wait ? wait_for_bytes(walk, doc) : HAUL_OK;

        if (err)
            return err;
        got = read(doc->fd, doc->read + have, sizeof doc->read - have);
    } while (got < 0 && (errno == EINTR || (errno == EAGAIN && doc->may_wait)));
    if (got < 0)
        return HAUL_ERR_IO;
    *len = (size_t)got;
    doc->ended = !got;
    return HAUL_OK;
}

/* At the beginning, it takes two bytes to know whether it is packed. */
static enum haul_err read_some(struct haul_walk *walk, struct document *doc)
{
    size_t have = 0, len;

    do {
        enum haul_err err = read_once(walk, doc, have, &len);

        if (err)
            return err;
        have += len;
    } while (!doc->begun && have < 2 && !doc->ended);
    if (!doc->begun && have >= 2 && haul_gunzip_is_magic(doc->read)) {
        doc->gunzip = haul_gunzip_create();
        if (!doc->gunzip)
            return HAUL_ERR_NOMEM;
    }
    doc->begun = true;
    if (!doc->gunzip)
        doc->plain = have;
    else if (have)
        haul_gunzip_feed(doc->gunzip, doc->read, have);
    return HAUL_OK;
}

/* The next bytes of what was read. END: more must be. */
static enum haul_err next_piece(struct document *doc, const char **bytes, size_t *len)
{
    if (doc->gunzip)
        return haul_gunzip_next(doc->gunzip, bytes, len);
    *bytes = doc->read;
    *len = doc->plain;
    doc->plain = 0;
    return *len ? HAUL_OK : HAUL_ERR_END;
}

static enum haul_err fail_document(struct haul_walk *walk, const char *cause)
{
    const struct document *doc = walk->open[walk->depth - 1];
    enum haul_err err = fail(walk, doc->name, haul_sitemap_line(doc->sitemap), cause,
                             "; the rest of this sitemap is skipped");

    close_top(walk);
    return err;
}

static enum haul_err check_size(struct haul_walk *walk, struct document *doc, size_t len)
{
    int64_t max = walk->env.config->sitemap_max_size;

    doc->bytes += (int64_t)len;
    if (!max || doc->bytes <= max)
        return HAUL_OK;
    haul_buf_clear(&walk->cause);
    haul_buf_addf(&walk->cause, "larger than %lld bytes (--sitemap-max-size)", (long long)max);
    return fail_document(walk, haul_buf_str(&walk->cause));
}

static bool ends_too_early(const struct document *doc)
{
    return doc->ended && doc->gunzip && !haul_gunzip_is_whole(doc->gunzip);
}

static enum haul_err fail_reading(struct haul_walk *walk, enum haul_err err)
{
    switch (err) {
    case HAUL_ERR_IO:
        return fail_document(walk, error_text(walk, "reading failed", errno));
    case HAUL_ERR_SYNTAX:
        return fail_document(walk, "the gzip data are damaged");
    case HAUL_ERR_LIMIT:
        return fail_document(walk, "packed so tightly that it can only be an attack");
    default:
        return err;
    }
}

/* Gives the parser of the document on top more to read. END: it was told that there is no more. */
static enum haul_err feed_document(struct haul_walk *walk, struct document *doc)
{
    const char *bytes;
    size_t len;
    enum haul_err err = next_piece(doc, &bytes, &len);

    while (err == HAUL_ERR_END && !doc->ended) {
        err = read_some(walk, doc);
        if (!err)
            err = next_piece(doc, &bytes, &len);
    }
    if (err == HAUL_ERR_END && ends_too_early(doc))
        return fail_document(walk, "the gzip data end too early");
    if (err == HAUL_ERR_END)
        haul_sitemap_finish(doc->sitemap);
    if (err)
        return fail_reading(walk, err);
    err = check_size(walk, doc, len);
    if (!err)
        haul_sitemap_feed(doc->sitemap, bytes, len);
    return err;
}

/* The next item of the document on top. END: it has no more, and is closed. */
static enum haul_err next_item(struct haul_walk *walk, struct haul_sitemap_item *item)
{
    struct document *doc = walk->open[walk->depth - 1];
    bool finished = false;
    enum haul_err err;

    while ((err = haul_sitemap_next(doc->sitemap, item)) == HAUL_ERR_END && !finished) {
        err = feed_document(walk, doc);
        finished = err == HAUL_ERR_END;
        if (err && !finished)
            return err;
    }
    if (err == HAUL_ERR_SYNTAX)
        return fail_document(walk, haul_sitemap_message(doc->sitemap));
    if (err == HAUL_ERR_END)
        close_top(walk);
    return err;
}

/* ---- from the network ---- */

/* Where a sitemap was named, for messages. */
struct place {
    const char *name;
    uint64_t line; /* 0: nowhere, it is the source itself */
};

/* HAUL_OK: answer->fd is the caller's. */
static enum haul_err fetch(struct haul_walk *walk, const struct haul_walk_request *request,
                           struct haul_walk_answer *answer, const char *name)
{
    enum haul_err err;

    haul_buf_clear(&walk->cause);
    haul_buf_init(&answer->effective, 0);
    err = walk->env.fetch(walk->env.arg, request, answer, &walk->cause);
    if (err)
        answer->fd = -1; /* it may be anything */
    if (err == HAUL_ERR_IO)
        return fail(walk, name, 0, haul_buf_str(&walk->cause), "");
    return err;
}

static enum haul_err fetch_sitemap(struct haul_walk *walk, const struct haul_url *url, uint64_t key)
{
    const struct haul_walk_request request = {.url = url,
                                              .size_max = walk->env.config->sitemap_max_size};
    struct haul_walk_answer answer = {.fd = -1};
    const char *name = keep_url_name(walk, url);
    enum haul_err err;

    if (!name)
        return fail(walk, walk->robots_name ? walk->robots_name : "--sitemap", 0,
                    "no memory for the names of so many sitemaps", "");
    err = fetch(walk, &request, &answer, name);
    if (!err && !walk->depth && walk->from_network)
        err = allow_effective_host(walk, &answer.effective);
    haul_buf_done(&answer.effective);
    if (err && answer.fd >= 0)
        close(answer.fd);
    return err ? err : open_document(walk, answer.fd, name, key);
}

static bool has_too_many(struct haul_walk *walk)
{
    return walk->count >= walk->env.config->sitemap_max_count;
}

static enum haul_err refuse(struct haul_walk *walk, const struct place *place, const char *cause,
                            const char *effect)
{
    return fail(walk, place->name, place->line, cause, effect);
}

static enum haul_err fail_count(struct haul_walk *walk, const struct place *place)
{
    if (walk->gave_up)
        return HAUL_OK;
    walk->gave_up = true;
    return refuse(walk, place, "more sitemaps than allowed (--sitemap-max-count)",
                  "; the others are not read");
}

static enum haul_err fail_depth(struct haul_walk *walk, const struct place *place)
{
    return refuse(walk, place, "sitemaps inside each other, more than allowed (--sitemap-depth)",
                  "; this one is not read");
}

/* The sitemap at `url` is read next, unless it must not be. OK, too, if it was read before. */
static enum haul_err begin_url(struct haul_walk *walk, const struct haul_url *url,
                               const struct place *place)
{
    uint64_t key = haul_hash(url->url, url->url_len) | 1;

    if (is_open(walk, key))
        return refuse(walk, place, "the sitemap names itself, or an index above it", "");
    if (has_seen(walk, key))
        return HAUL_OK;
    if (walk->depth >= walk->env.config->sitemap_depth)
        return fail_depth(walk, place);
    if (has_too_many(walk))
        return fail_count(walk, place);
    walk->count++;
    if (!note_seen(walk, key))
        return HAUL_ERR_NOMEM;
    return fetch_sitemap(walk, url, key);
}

/* An index or a robots.txt names a sitemap. */
static enum haul_err follow(struct haul_walk *walk, const struct haul_item *item,
                            const struct place *place)
{
    struct haul_url url;
    enum haul_reason reason = item->reason;

    if (!reason && item->len > SITEMAP_URL_MAX)
        reason = HAUL_REASON_LINE_TOO_LONG;
    if (!reason)
        reason = haul_url_parse(walk->urls, item->text, item->len, &url);
    if (reason == HAUL_REASON_NO_MEMORY)
        return HAUL_ERR_NOMEM;
    if (!reason && !may_name(walk, &url))
        reason = HAUL_REASON_OTHER_HOST;
    if (reason == HAUL_REASON_LINE_TOO_LONG)
        return refuse(walk, place, "the sitemap named here has a URL that is too long", "");
    if (reason) {
        haul_buf_clear(&walk->cause);
        haul_buf_addf(&walk->cause, "the sitemap named here is not read: %s",
                      haul_reason_text(reason));
        return refuse(walk, place, haul_buf_str(&walk->cause), "");
    }
    return begin_url(walk, &url, place);
}

/* ---- robots.txt ---- */

static enum haul_err load_robots(struct haul_walk *walk, int fd, bool was_cut)
{
    struct haul_buf *bytes = &walk->robots_bytes;
    ssize_t len = 1;
    char *to;

    haul_buf_clear(bytes);
    while (len > 0 && (to = haul_buf_reserve(bytes, READ_SIZE))) {
        len = read(fd, to, READ_SIZE);
        if (len > 0)
            haul_buf_grew(bytes, (size_t)len);
    }
    if (bytes->err || len < 0)
        return bytes->err == HAUL_ERR_NOMEM ? HAUL_ERR_NOMEM : HAUL_ERR_IO;
    /* A line that was cut in the middle may name something else than it seems to. */
    while (was_cut && bytes->len && !strchr("\r\n", bytes->data[bytes->len - 1]))
        bytes->len--;
    walk->robots =
        (struct haul_robots){.at = haul_buf_str(bytes), .end = haul_buf_str(bytes) + bytes->len};
    return HAUL_OK;
}

static enum haul_err begin_robots(struct haul_walk *walk, const struct haul_url *url)
{
    const struct haul_walk_request request = {
        .url = url, .size_max = HAUL_ROBOTS_MAX, .may_be_cut = true};
    struct haul_walk_answer answer = {.fd = -1};
    enum haul_err err;

    walk->robots_name = keep_url_name(walk, url);
    if (!walk->robots_name)
        return HAUL_ERR_NOMEM;
    err = fetch(walk, &request, &answer, walk->robots_name);
    if (!err) {
        err = load_robots(walk, answer.fd, answer.was_cut);
        close(answer.fd);
        if (err == HAUL_ERR_IO)
            err = fail(walk, walk->robots_name, 0, error_text(walk, "reading failed", errno), "");
    }
    if (!err)
        err = allow_effective_host(walk, &answer.effective);
    haul_buf_done(&answer.effective);
    walk->own_hosts = walk->hosts;
    if (err)
        walk->robots_name = NULL;
    return err;
}

/* END: it names no more. */
static enum haul_err follow_robots(struct haul_walk *walk)
{
    struct haul_item item;
    struct haul_span name;
    struct place place = {.name = walk->robots_name};

    if (!haul_robots_next(&walk->robots, &name)) {
        bool found = walk->count || walk->faults;

        walk->robots_name = NULL;
        return found ? HAUL_ERR_END : fail(walk, place.name, 0, "names no sitemap", "");
    }
    place.line = walk->robots.line;
    forget_hosts(walk, walk->own_hosts);
    (void)haul_lines_classify(name.at, name.len, &item);
    if (!item.reason && !haul_text_scheme_length((struct haul_span){item.text, item.len}))
        item.reason = HAUL_REASON_BAD_URL;
    return follow(walk, &item, &place);
}

/* ---- setting out ---- */

static enum haul_err begin_file(struct haul_walk *walk, const char *name)
{
    int fd = STDIN_FILENO;

    walk->from_network = false;
    walk->count++;
    /* O_NONBLOCK: opening a FIFO must not wait for its writer, poll does that. */
    if (strcmp(name, "-") != 0)
        fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    else
        name = "standard input";
    if (fd < 0)
        return fail(walk, name, 0, error_text(walk, "cannot be opened", errno), "");
    return open_document(walk, fd, name, 0);
}

/* robots.txt stands at the root of a site, whatever page of the site was named (RFC 9309, 2.3). */
static enum haul_reason find_robots(struct haul_walk *walk, struct haul_url *url)
{
    static const char path[] = "/robots.txt";

    return haul_url_join(walk->urls, url->url, path, sizeof path - 1, url);
}

static enum haul_err begin_network(struct haul_walk *walk, const struct haul_source *source)
{
    bool is_robots = source->kind == HAUL_SOURCE_ROBOTS;
    const struct place place = {.name = is_robots ? "--sitemap-from-robots" : "--sitemap"};
    struct haul_url url;
    enum haul_reason reason = haul_url_parse(walk->urls, source->text, strlen(source->text), &url);
    enum haul_err err;

    walk->from_network = true;
    if (!reason && is_robots)
        reason = find_robots(walk, &url);
    if (reason)
        return refuse(walk, &place, haul_reason_text(reason), "");
    err = allow_host(walk, url.host);
    if (err)
        return err;
    return is_robots ? begin_robots(walk, &url) : begin_url(walk, &url, &place);
}

static void forget_source(struct haul_walk *walk)
{
    while (walk->depth)
        close_top(walk);
    forget_hosts(walk, 0);
    free(walk->seen);
    walk->seen = NULL;
    walk->seen_count = walk->seen_size = 0;
    walk->robots_name = NULL;
    walk->source = NULL;
    walk->count = 0;
    walk->faults = 0;
    walk->gave_up = false;
}

void haul_walk_begin(struct haul_walk *walk, const struct haul_source *source, int wake_fd)
{
    forget_source(walk);
    walk->source = source;
    walk->wake_fd = wake_fd;
}

static enum haul_err set_out(struct haul_walk *walk)
{
    const struct haul_source *source = walk->source;

    walk->source = NULL;
    if (source->kind == HAUL_SOURCE_SITEMAP && !haul_source_is_url(source->text))
        return begin_file(walk, source->text);
    return begin_network(walk, source);
}

/* ---- entries ---- */

static void give(struct haul_walk *walk, const struct haul_sitemap_item *item,
                 struct haul_item *out)
{
    struct haul_url url;
    enum haul_reason reason;

    *out = item->entry;
    out->source = walk->open[walk->depth - 1]->name;
    if (item->lastmod) {
        walk->lastmod = (struct haul_attached){.name = "lastmod", .value = item->lastmod};
        out->entry = &walk->entry;
    }
    if (!walk->from_network || out->reason)
        return;
    reason = haul_url_parse(walk->urls, out->text, out->len, &url);
    if (reason == HAUL_REASON_NO_MEMORY)
        out->reason = reason; /* unlooked at, it might be on any host */
    else if (!reason && !may_name(walk, &url))
        out->reason = HAUL_REASON_OTHER_HOST;
}

/* END: this step gave no entry, and another one may. */
static enum haul_err step(struct haul_walk *walk, struct haul_item *out)
{
    struct haul_sitemap_item item;
    struct place place;
    enum haul_err err;

    if (!walk->depth) {
        err = walk->source ? set_out(walk) : follow_robots(walk);
        return err ? err : HAUL_ERR_END;
    }
    err = next_item(walk, &item);
    if (err)
        return err;
    if (!item.is_sitemap) {
        give(walk, &item, out);
        return HAUL_OK;
    }
    place = (struct place){walk->open[walk->depth - 1]->name, item.entry.line};
    err = follow(walk, &item.entry, &place);
    return err ? err : HAUL_ERR_END;
}

static enum haul_err tell_hidden_faults(struct haul_walk *walk)
{
    if (walk->faults <= FAULTS_SHOWN_MAX)
        return HAUL_ERR_END;
    haul_buf_addf(&walk->message, "%llu more sitemaps could not be read",
                  (unsigned long long)(walk->faults - FAULTS_SHOWN_MAX));
    walk->faults = 0;
    return HAUL_ERR_IO;
}

enum haul_err haul_walk_next(struct haul_walk *walk, struct haul_item *out)
{
    enum haul_err err = HAUL_ERR_END;

    haul_buf_clear(&walk->message);
    while (err == HAUL_ERR_END) {
        if (!walk->depth && !walk->source && !walk->robots_name)
            return tell_hidden_faults(walk);
        err = step(walk, out);
    }
    if (err == HAUL_ERR_CLOSED || err == HAUL_ERR_NOMEM)
        forget_source(walk);
    return err;
}

/* ---- making and unmaking ---- */

enum haul_err haul_walk_create(const struct haul_walk_env *env, struct haul_walk **out)
{
    struct haul_walk *walk = calloc(1, sizeof *walk);

    *out = walk;
    if (!walk)
        return HAUL_ERR_NOMEM;
    walk->env = *env;
    haul_buf_init(&walk->message, 0);
    haul_buf_init(&walk->cause, 0);
    haul_buf_init(&walk->robots_bytes, 2 * HAUL_ROBOTS_MAX);
    haul_entry_init(&walk->entry);
    walk->entry.attached = &walk->lastmod;
    walk->entry.attached_count = 1;
    if (haul_url_parser_create(&walk->urls) == HAUL_OK)
        return HAUL_OK;
    haul_walk_free(walk);
    *out = NULL;
    return HAUL_ERR_NOMEM;
}

void haul_walk_free(struct haul_walk *walk)
{
    struct name *name;

    if (!walk)
        return;
    forget_source(walk);
    while ((name = walk->names)) {
        walk->names = name->next;
        free(name);
    }
    haul_url_parser_free(walk->urls);
    haul_buf_done(&walk->message);
    haul_buf_done(&walk->cause);
    haul_buf_done(&walk->robots_bytes);
    free(walk);
}
