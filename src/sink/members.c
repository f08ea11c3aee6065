#include "sink/members.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/again.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/keyset.h"
#include "sink/tar.h"

enum { ZEROS_STEP = 64 << 10 };

struct haul_members {
    struct haul_keyset *known;
};

/* An archive that is being read. */
struct reading {
    int fd;
    int64_t size, at;
    struct haul_members *members;
    struct haul_members_stats *stats;
    struct haul_buf name, records; /* of the extended header that was read last */
    int64_t extended_size;         /* of that; -1: it says nothing */
    bool is_extended;              /* there was one in front of the next member */
};

static uint64_t key_of(const char *name, int64_t size)
{
    return haul_hash_keyed_pair(haul_hash_keyed(name, strlen(name)), (uint64_t)size);
}

bool haul_members_find(const struct haul_members *members, const char *name, int64_t size,
                       int64_t *at)
{
    uint64_t tag;
    bool is_known = haul_keyset_find(members->known, key_of(name, size), &tag);

    if (is_known)
        *at = (int64_t)tag;
    return is_known;
}

/* ---- reading ---- */

/* `len` bytes at `at`, which are there. */
static enum haul_err read_at(const struct reading *r, int64_t at, void *bytes, size_t len)
{
    char *to = bytes;

    while (len) {
        ssize_t got;

        HAUL_AGAIN(got, pread(r->fd, to, len, (off_t)at));
        if (got == 0)
            errno = EIO; /* somebody has made it shorter */
        if (got <= 0)
            return HAUL_ERR_IO;
        to += got;
        at += got;
        len -= (size_t)got;
    }
    return HAUL_OK;
}

/* HAUL_ERR_END: its beginning is not haul's, or not all there. */
static enum haul_err check_begin(struct reading *r)
{
    size_t there = r->size < HAUL_TAR_BEGIN ? (size_t)r->size : HAUL_TAR_BEGIN;
    char bytes[HAUL_TAR_BEGIN];
    struct haul_buf begin;
    enum haul_err err = read_at(r, 0, bytes, there);

    haul_buf_init(&begin, 0);
    haul_tar_add_begin(&begin);
    if (!err)
        err = begin.err;
    if (!err && memcmp(bytes, begin.data, there) != 0) {
        r->stats->state = HAUL_MEMBERS_FOREIGN;
        err = HAUL_ERR_END;
    } else if (!err && there < HAUL_TAR_BEGIN) {
        r->stats->state = HAUL_MEMBERS_TORN;
        err = HAUL_ERR_END;
    } else if (!err) {
        r->at = r->stats->keep = HAUL_TAR_BEGIN;
    }
    haul_buf_done(&begin);
    return err;
}

/* What follows is the end, if it is zeros; `otherwise` says what anything else is. */
static enum haul_err check_zeros(struct reading *r, enum haul_members_state otherwise)
{
    static const char zeros[ZEROS_STEP];
    char *bytes = malloc(ZEROS_STEP);
    enum haul_err err = bytes ? HAUL_OK : HAUL_ERR_NOMEM;

    for (int64_t at = r->at; at < r->size && !err;) {
        size_t some = r->size - at < ZEROS_STEP ? (size_t)(r->size - at) : ZEROS_STEP;

        err = read_at(r, at, bytes, some);
        if (!err && memcmp(bytes, zeros, some) != 0) {
            r->stats->state = otherwise;
            err = HAUL_ERR_END;
        }
        at += (int64_t)some;
    }
    free(bytes);
    return err ? err : HAUL_ERR_END;
}

static enum haul_err end(struct reading *r, enum haul_members_state state)
{
    r->stats->state = state;
    return HAUL_ERR_END;
}

/* The records of an extended header, which lie behind its block. */
static enum haul_err read_extended(struct reading *r, int64_t size)
{
    char *room;
    enum haul_err err;

    if (size > HAUL_TAR_EXTENDED_MAX)
        return end(r, HAUL_MEMBERS_DAMAGED);
    haul_buf_clear(&r->records);
    room = haul_buf_reserve(&r->records, (size_t)size + 1);
    if (!room)
        return HAUL_ERR_NOMEM;
    err = read_at(r, r->at + HAUL_TAR_BLOCK, room, (size_t)size);
    if (err)
        return err;
    r->is_extended = haul_tar_read_extended(room, (size_t)size, &r->name, &r->extended_size);
    return r->is_extended ? HAUL_OK : end(r, HAUL_MEMBERS_DAMAGED);
}

static enum haul_err take_member(struct reading *r, const struct haul_tar_block *block,
                                 int64_t size)
{
    const char *name = r->is_extended && r->name.len ? haul_buf_str(&r->name) : block->name;

    r->stats->count++;
    return haul_keyset_put(r->members->known, key_of(name, size), (uint64_t)r->at + HAUL_TAR_BLOCK);
}

/* The next header with what follows on it. HAUL_ERR_END: there is none, as `state` says. */
static enum haul_err read_next(struct reading *r)
{
    unsigned char bytes[HAUL_TAR_BLOCK];
    struct haul_tar_block block;
    int64_t size, left;
    enum haul_err err;

    if (r->at == r->size)
        return end(r, r->is_extended ? HAUL_MEMBERS_TORN : HAUL_MEMBERS_WHOLE);
    if (r->size - r->at < HAUL_TAR_BLOCK)
        return r->is_extended ? end(r, HAUL_MEMBERS_TORN) : check_zeros(r, HAUL_MEMBERS_TORN);
    err = read_at(r, r->at, bytes, sizeof bytes);
    if (err)
        return err;
    haul_tar_read_block(bytes, &block);
    if (block.kind == HAUL_TAR_ZEROS && !r->is_extended)
        return check_zeros(r, HAUL_MEMBERS_DAMAGED);
    if (block.kind != HAUL_TAR_FILE && block.kind != HAUL_TAR_EXTENDED)
        return end(r, HAUL_MEMBERS_DAMAGED);
    size = r->is_extended && r->extended_size >= 0 ? r->extended_size : block.size;
    left = r->size - r->at - HAUL_TAR_BLOCK;
    if (size > left || (int64_t)haul_tar_padding(size) > left - size)
        return end(r, HAUL_MEMBERS_TORN);
    if (block.kind == HAUL_TAR_EXTENDED) {
        err = read_extended(r, size);
    } else {
        err = take_member(r, &block, size);
        r->is_extended = false;
    }
    r->at += HAUL_TAR_BLOCK + size + haul_tar_padding(size);
    if (!err && !r->is_extended)
        r->stats->keep = r->at;
    return err;
}

enum haul_err haul_members_read(int fd, int64_t size, struct haul_members_stats *stats,
                                struct haul_members **out)
{
    struct reading r = {.fd = fd, .size = size, .stats = stats};
    enum haul_err err = HAUL_OK;

    *stats = (struct haul_members_stats){.state = HAUL_MEMBERS_WHOLE};
    *out = r.members = calloc(1, sizeof *r.members);
    haul_buf_init(&r.name, 0);
    haul_buf_init(&r.records, 0);
    if (!r.members || haul_keyset_create(&r.members->known))
        err = HAUL_ERR_NOMEM;
    if (!err && size)
        err = check_begin(&r);
    while (!err && size)
        err = read_next(&r);
    haul_buf_done(&r.name);
    haul_buf_done(&r.records);
    if (!err || err == HAUL_ERR_END)
        return HAUL_OK;
    haul_members_free(r.members);
    *out = NULL;
    return err;
}

void haul_members_free(struct haul_members *members)
{
    if (!members)
        return;
    haul_keyset_free(members->known);
    free(members);
}
