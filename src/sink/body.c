/* syncfs: one call for all files that were saved since the last one */
#define _GNU_SOURCE
#include "sink/body.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/again.h"
#include "base/ascii.h"
#include "base/clock.h"
#include "base/io.h"
#include "http/date.h"
#include "model/identity.h"
#include "model/key.h"
#include "sink/name.h"
#include "sink/name_late.h"
#include "sink/partial.h"

enum {
    LOOK_STEP = 16 << 20, /* free space is looked at whenever so many bytes have come */
    READ_SIZE = 16 << 10
};

/* Whether all of a name is known from the start. */
static bool is_known(const char *name)
{
    return name && !haul_name_is_late(name);
}

/* Of a file. False: no memory. */
static bool name_directory(const char *path, char **directory)
{
    *directory = haul_io_directory_of(path);
    return *directory != NULL;
}

enum haul_err haul_body_store_open(struct haul_body_store *store, const struct haul_config *config,
                                   const struct haul_archive *archive, const struct haul_warc *warc,
                                   struct haul_buf *message)
{
    *store = (struct haul_body_store){.config = config, .tree = {.fd = -1}};
    if (archive)
        store->archive = &archive->file;
    if (warc)
        store->warc = &warc->file;
    if ((archive && !archive->file.is_stream && !name_directory(config->tar, &store->scratch)) ||
        (warc && !name_directory(config->warc, &store->warc_scratch)))
        return HAUL_ERR_NOMEM;
    if (!config->dir)
        return HAUL_OK;
    return haul_tree_open(&store->tree, config->dir, config->sync == HAUL_SYNC_EACH, message);
}

void haul_body_store_close(struct haul_body_store *store)
{
    haul_tree_close(&store->tree);
    free(store->scratch);
    free(store->warc_scratch);
    store->scratch = store->warc_scratch = NULL;
}

const char haul_body_guarded[] = "the name is that of a file of this run";

enum haul_reason haul_body_store_check_name(const struct haul_body_store *store, const char *name)
{
    return store->guard && is_known(name) ? haul_guard_check(store->guard, name) : HAUL_REASON_NONE;
}

/*
 * Whether a file that is found under that name may have been called so by a list of today. Beside
 * the spelling: what a form says stays as it is; a cut ("~") may part what is visible only
 * together; and a file system that folds case leaves out what cannot be seen as well.
 */
static bool can_be_of_today(const struct haul_body_store *store, const char *name)
{
    return haul_name_is_spelled_now(name) || strchr(name, '~') || store->tree.folds_case ||
           !haul_ascii_is_all(store->config->name);
}

bool haul_body_store_has_earlier(const struct haul_body_store *store, const char *name,
                                 const char *earlier, struct haul_file_id *removes)
{
    bool is_old = !can_be_of_today(store, earlier);

    *removes = (struct haul_file_id){0};
    if (store->tree.fd < 0 || !is_known(earlier) || !is_known(name) ||
        haul_body_store_check_name(store, earlier) != HAUL_REASON_NONE)
        return false;
    if (is_old)
        haul_partial_sweep(&store->tree, earlier);
    if (haul_tree_size(&store->tree, name) >= 0 ||
        haul_tree_identify(&store->tree, earlier, removes) < 0)
        return false;
    if (!is_old)
        *removes = (struct haul_file_id){0};
    return true;
}

int haul_body_store_sync(const struct haul_body_store *store)
{
    int error = store->warc ? haul_appender_sync(store->warc) : 0, failed = 0;

    if (!error && store->archive)
        error = haul_appender_sync(store->archive);
    if (!error && store->tree.fd >= 0)
        HAUL_AGAIN(failed, syncfs(store->tree.fd));
    return failed ? errno : error;
}

void haul_body_init(struct haul_body *body, const struct haul_body_store *store)
{
    *body = (struct haul_body){.store = store};
    haul_file_init(&body->file, &store->tree);
    haul_member_init(&body->member, store->scratch);
    if (store->archive)
        body->sink = &body->member.sink;
    else if (store->tree.fd >= 0)
        body->sink = &body->file.sink;
    haul_buf_init(&body->names, 0);
    haul_buf_init(&body->message, 0);
}

void haul_body_done(struct haul_body *body)
{
    haul_file_done(&body->file);
    haul_member_done(&body->member);
    haul_digester_free(body->digester);
    haul_digester_free(body->other);
    haul_buf_done(&body->names);
    haul_buf_done(&body->message);
}

/* ---- beginning ---- */

bool haul_body_is_wanted(const struct haul_body *body, const struct haul_body_plan *plan)
{
    return plan->name || plan->checksum || body->store->config->hash != HAUL_HASH_NONE;
}

static enum haul_reason begin_digester(struct haul_digester **digester, unsigned wanted)
{
    if (!*digester && haul_digester_create(digester))
        return HAUL_REASON_NO_MEMORY;
    return haul_digester_begin(*digester, wanted) ? HAUL_REASON_NO_MEMORY : HAUL_REASON_NONE;
}

static enum haul_reason begin_digests(struct haul_body *body, const struct haul_body_plan *plan)
{
    enum haul_reason reason = HAUL_REASON_NONE;
    unsigned wanted;

    body->checksum.hash = HAUL_HASH_NONE;
    if (plan->checksum && !haul_checksum_parse(plan->checksum, &body->checksum))
        return HAUL_REASON_BAD_CHECKSUM;
    wanted = 1u << body->checksum.hash | 1u << body->store->config->hash;
    if (plan->name && haul_name_needs_digest(plan->name))
        wanted |= 1u << HAUL_HASH_SHA256;
    wanted &= ~1u; /* of HAUL_HASH_NONE */
    body->has_digests = wanted;
    if (wanted)
        reason = begin_digester(&body->digester, wanted);
    body->has_other = plan->has_other && body->checksum.hash != HAUL_HASH_NONE;
    if (reason == HAUL_REASON_NONE && body->has_other)
        reason = begin_digester(&body->other, 1u << body->checksum.hash);
    return reason;
}

/*
 * What was announced may be a lie, and must not look like a full disk; what is there already is no
 * lie.
 */
static enum haul_reason look_at_space(struct haul_body *body, int64_t to_come)
{
    int64_t keep = body->store->config->keep_free, space;

    if (!keep || !body->name)
        return HAUL_REASON_NONE;
    space = haul_tree_space(body->store->archive ? body->store->archive->fd : body->store->tree.fd);
    if (space < keep) {
        haul_buf_addf(&body->message, "less than --keep-free is left: %lld bytes",
                      (long long)space);
        return HAUL_REASON_DISK_FULL;
    }
    if (to_come > space - keep) {
        haul_buf_addf(&body->message, "%lld bytes would touch what --keep-free keeps",
                      (long long)to_come);
        return HAUL_REASON_TOO_LARGE;
    }
    return HAUL_REASON_NONE;
}

static enum haul_reason note_fault(struct haul_body *body, enum haul_reason reason)
{
    char text[HAUL_IO_ERROR_MAX];
    int error = reason == HAUL_REASON_NONE ? 0 : body->sink->kind->error(body->sink);

    if (error && !body->message.len)
        haul_buf_addf(&body->message, "%s: %s", body->name, haul_io_error_text(error, text));
    return reason;
}

enum { FIRST_NAME_MAX = 33 };

/*
 * Under which name the file is begun. One that is not known yet may lie anywhere: the file is begun
 * at the top, under a name of its URL, and moves.
 */
static const char *first_name(const struct haul_body *body, const struct haul_body_plan *plan,
                              char room[FIRST_NAME_MAX])
{
    const struct haul_strings *ignored = &body->store->config->ignore_params;
    struct haul_key key;

    if (is_known(plan->name))
        return plan->name;
    key = haul_key_of_url(HAUL_KEY_URL, ignored, plan->url, strlen(plan->url));
    snprintf(room, FIRST_NAME_MAX, "%016llx%016llx", (unsigned long long)key.high,
             (unsigned long long)key.low);
    return room;
}

/* The name of a URL had 64 bits once: what was left under that is removed. */
static void sweep_old(const struct haul_body *body, const struct haul_body_plan *plan)
{
    const struct haul_strings *ignored = &body->store->config->ignore_params;
    char name[FIRST_NAME_MAX];

    if (!plan->name || is_known(plan->name) || body->store->tree.fd < 0)
        return;
    snprintf(name, sizeof name, "%016llx",
             (unsigned long long)haul_identity_hash(ignored, plan->url, strlen(plan->url)));
    haul_partial_sweep_old(&body->store->tree, name);
}

void haul_body_sweep(const struct haul_body *body, const struct haul_body_plan *plan)
{
    char room[FIRST_NAME_MAX];

    if (plan->name && body->store->tree.fd >= 0)
        haul_partial_sweep(&body->store->tree, first_name(body, plan, room));
    sweep_old(body, plan);
}

int64_t haul_body_look(const struct haul_body *body, const struct haul_body_plan *plan,
                       const char *url, struct haul_part *part)
{
    const struct haul_strings *ignored = &body->store->config->ignore_params;
    const struct haul_key key = haul_key_of_url(HAUL_KEY_URL, ignored, url, strlen(url));
    char room[FIRST_NAME_MAX];

    return haul_partial_look(&body->store->tree, first_name(body, plan, room), &key, part);
}

/* What is there already belongs to the digests of the whole. */
static enum haul_reason digest_left(struct haul_body *body, int64_t len)
{
    char bytes[READ_SIZE];

    for (int64_t at = 0; body->has_digests && at < len;) {
        int64_t some = len - at < READ_SIZE ? len - at : READ_SIZE;
        ssize_t got;

        HAUL_AGAIN(got, pread(body->file.fd, bytes, (size_t)some, (off_t)at));
        if (got <= 0)
            return HAUL_REASON_FILE_ERROR;
        haul_digester_add(body->digester, bytes, (size_t)got);
        at += got;
    }
    return HAUL_REASON_NONE;
}

bool haul_body_is_there(const struct haul_body *body, const struct haul_body_plan *plan)
{
    const char *file = plan->earlier ? plan->earlier : plan->name;

    return is_known(file) && plan->expected >= 0 &&
           haul_tree_size(&body->store->tree, file) == plan->expected;
}

enum haul_reason haul_body_begin(struct haul_body *body, const struct haul_body_plan *plan)
{
    char room[FIRST_NAME_MAX];
    const struct haul_sink_plan to_keep = {.name = plan->name ? first_name(body, plan, room) : NULL,
                                           .expected = plan->expected,
                                           .offset = plan->offset,
                                           .part = plan->part};
    enum haul_reason reason;

    haul_body_reset(body);
    body->name = plan->name;
    body->earlier = plan->earlier;
    body->removes = plan->removes;
    body->size = plan->offset;
    body->is_begun = true;
    sweep_old(body, plan);
    reason = begin_digests(body, plan);
    if (reason == HAUL_REASON_NONE)
        reason = look_at_space(body, plan->expected - plan->offset);
    if (reason == HAUL_REASON_NONE && plan->name)
        reason = note_fault(body, body->sink->kind->begin(body->sink, &to_keep));
    if (reason == HAUL_REASON_NONE)
        reason = digest_left(body, plan->offset);
    return reason;
}

/* ---- the bytes ---- */

enum haul_reason haul_body_write(struct haul_body *body, const void *bytes, size_t len)
{
    enum haul_reason reason = HAUL_REASON_NONE;

    if (body->has_digests)
        haul_digester_add(body->digester, bytes, len);
    if (!body->name)
        return reason;
    if (body->size - body->looked_at >= LOOK_STEP) {
        body->looked_at = body->size;
        reason = look_at_space(body, 0);
    }
    body->size += (int64_t)len;
    if (reason != HAUL_REASON_NONE)
        return reason;
    return note_fault(body, body->sink->kind->write(body->sink, bytes, len));
}

void haul_body_write_other(struct haul_body *body, const void *bytes, size_t len)
{
    if (body->has_other)
        haul_digester_add(body->other, bytes, len);
}

/* ---- the end ---- */

static bool is_wanted_digest(const struct haul_body *body, const struct haul_digester *digester)
{
    return strcmp(haul_digester_hex(digester, body->checksum.hash), body->checksum.hex) == 0;
}

static bool end_digests(struct haul_body *body)
{
    if (!body->knows_digests)
        body->knows_digests = haul_digester_end(body->digester) == HAUL_OK;
    return body->knows_digests;
}

bool haul_body_fits(struct haul_body *body)
{
    return body->has_digests && body->checksum.hash != HAUL_HASH_NONE && end_digests(body) &&
           is_wanted_digest(body, body->digester);
}

bool haul_body_other_fits(struct haul_body *body)
{
    return body->has_other && haul_digester_end(body->other) == HAUL_OK &&
           is_wanted_digest(body, body->other);
}

static enum haul_reason check_digests(struct haul_body *body)
{
    const struct haul_checksum *wanted = &body->checksum;

    if (!body->has_digests)
        return HAUL_REASON_NONE;
    if (!end_digests(body))
        return HAUL_REASON_NO_MEMORY;
    if (wanted->hash == HAUL_HASH_NONE || is_wanted_digest(body, body->digester))
        return HAUL_REASON_NONE;
    haul_buf_addf(&body->message, "%s is %s, and should be %s", haul_digest_word(wanted->hash),
                  haul_digester_hex(body->digester, wanted->hash), wanted->hex);
    return HAUL_REASON_CHECKSUM;
}

static enum haul_reason publish_saved(struct haul_body *body, const char *last_modified,
                                      const char *content_type)
{
    const struct haul_config *config = body->store->config;
    struct haul_sink_end end = {.syncs = config->sync == HAUL_SYNC_EACH,
                                .keeps_old = !config->clobber,
                                .guard = body->store->guard,
                                .moves = haul_name_is_late(body->name)};
    enum haul_reason reason;
    struct haul_buf full;
    const char *name;

    if (config->mtime)
        end.has_mtime = haul_http_date_parse(last_modified, strlen(last_modified),
                                             haul_clock_wall_us() / 1000000, &end.mtime_s);
    haul_buf_init(&full, 0);
    haul_name_fill(&full, body->name, haul_body_hex(body, HAUL_HASH_SHA256), content_type);
    name = haul_buf_str(&full);
    reason = full.err ? HAUL_REASON_NO_MEMORY : haul_body_store_check_name(body->store, name);
    if (reason == HAUL_REASON_NONE)
        reason = body->sink->kind->publish(body->sink, name, &end, &body->names);
    if (reason == HAUL_REASON_BAD_NAME)
        haul_buf_addf(&body->message, "%s: %s", name, haul_body_guarded);
    /* The new one is there: then that of an earlier version is no other file, but the old one. */
    if (reason == HAUL_REASON_NONE && body->removes.inode && !end.keeps_old &&
        haul_body_store_check_name(body->store, body->earlier) == HAUL_REASON_NONE)
        haul_tree_remove(&body->store->tree, body->earlier, &body->removes);
    haul_buf_done(&full);
    return note_fault(body, reason);
}

enum haul_reason haul_body_publish(struct haul_body *body, const char *last_modified,
                                   const char *content_type)
{
    enum haul_reason reason = check_digests(body);

    if (reason == HAUL_REASON_NONE && body->name)
        reason = publish_saved(body, last_modified, content_type);
    if (reason != HAUL_REASON_NONE)
        haul_body_discard(body);
    body->is_begun = false;
    return reason;
}

void haul_body_leave(struct haul_body *body)
{
    if (body->sink)
        body->sink->kind->leave(body->sink, body->store->config->sync != HAUL_SYNC_NONE);
    body->is_begun = false;
}

void haul_body_discard(struct haul_body *body)
{
    if (body->sink)
        body->sink->kind->discard(body->sink);
    body->is_begun = false;
}

void haul_body_reset(struct haul_body *body)
{
    haul_body_discard(body);
    haul_buf_clear(&body->names);
    haul_buf_clear(&body->message);
    body->name = body->earlier = NULL;
    body->removes = (struct haul_file_id){0};
    body->size = body->looked_at = 0;
    body->has_digests = body->knows_digests = body->has_other = false;
}

struct haul_parcel *haul_body_take_parcel(struct haul_body *body)
{
    return haul_member_take(&body->member);
}

const char *haul_body_name(const struct haul_body *body)
{
    return body->names.len ? body->names.data : NULL;
}

const char *haul_body_hex(const struct haul_body *body, enum haul_hash hash)
{
    return body->knows_digests ? haul_digester_hex(body->digester, hash) : NULL;
}

const char *haul_body_message(const struct haul_body *body)
{
    return body->message.len ? body->message.data : NULL;
}
