#include "input/unpack.h"

#include <stdint.h>
#include <stdlib.h>

#include "input/unpack_inside.h"

enum { PIECE_SIZE = 65536 };

struct haul_unpack {
    const struct haul_coding *coding;
    void *state; /* the coding's */
    const unsigned char *in;
    size_t in_len;
    uint64_t packed, text; /* bytes so far */
    bool is_between;       /* before the first byte of a member */
    bool has_member;
    uint64_t member; /* bytes taken of the one that was begun last */
    unsigned char piece[PIECE_SIZE];
};

static const struct haul_coding *const codings[] = {&haul_unpack_gzip, &haul_unpack_zstd,
                                                    &haul_unpack_xz};

/* Whether as much as there is of the bytes is as the magic number has it. */
static bool fits(const struct haul_unpack_magic *magic, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len && i < magic->len; i++) {
        unsigned differ = (unsigned char)bytes[i] ^ (unsigned)(unsigned char)magic->bytes[i];

        if (differ & ~(i ? 0U : magic->loose))
            return false;
    }
    return magic->len > 0;
}

const struct haul_coding *haul_unpack_detect(const char *bytes, size_t len, bool *is_open)
{
    *is_open = false;
    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++) {
        for (size_t k = 0; k < sizeof codings[i]->magic / sizeof *codings[i]->magic; k++) {
            const struct haul_unpack_magic *magic = &codings[i]->magic[k];

            if (!fits(magic, bytes, len))
                continue;
            if (len >= magic->len)
                return codings[i];
            *is_open = true;
        }
    }
    return NULL;
}

const char *haul_unpack_name(const struct haul_coding *coding)
{
    return coding->name;
}

struct haul_unpack *haul_unpack_create(const struct haul_coding *coding)
{
    struct haul_unpack *unpack = calloc(1, sizeof *unpack);

    if (!unpack)
        return NULL;
    unpack->coding = coding;
    unpack->is_between = true;
    unpack->state = coding->create();
    if (unpack->state)
        return unpack;
    free(unpack);
    return NULL;
}

void haul_unpack_free(struct haul_unpack *unpack)
{
    if (!unpack)
        return;
    unpack->coding->free(unpack->state);
    free(unpack);
}

void haul_unpack_feed(struct haul_unpack *unpack, const char *bytes, size_t len)
{
    unpack->in = (const unsigned char *)bytes;
    unpack->in_len = len;
    unpack->packed += len;
}

bool haul_unpack_is_whole(const struct haul_unpack *unpack)
{
    return unpack->is_between && unpack->has_member;
}

/* Between two members, what is not the magic number of another one is none of the data. */
bool haul_unpack_is_followed(const struct haul_unpack *unpack)
{
    return unpack->has_member &&
           (unpack->is_between || unpack->member <= (uint64_t)HAUL_UNPACK_MAGIC_MAX);
}

/* tar and others fill up their last block, and xz(1) to a multiple of four. */
static void skip_zeros(struct haul_unpack *unpack)
{
    while (unpack->has_member && unpack->in_len && !*unpack->in) {
        unpack->in++;
        unpack->in_len--;
    }
}

static bool may_begin(const struct haul_coding *coding, const unsigned char *bytes, size_t len)
{
    return fits(&coding->magic[0], (const char *)bytes, len) ||
           fits(&coding->magic[1], (const char *)bytes, len);
}

/* HAUL_ERR_END: no member begins in what is there. */
static enum haul_err begin_member(struct haul_unpack *unpack)
{
    skip_zeros(unpack);
    if (!unpack->in_len)
        return HAUL_ERR_END;
    /* liblzma would only say so at the end of a header. */
    if (!may_begin(unpack->coding, unpack->in, unpack->in_len))
        return HAUL_ERR_SYNTAX;
    unpack->is_between = false;
    unpack->member = 0;
    return unpack->coding->begin(unpack->state);
}

/* HAUL_OK with no text: there may be more. HAUL_ERR_END: not without more bytes. */
static enum haul_err unpack_some(struct haul_unpack *unpack, size_t *len)
{
    struct haul_unpack_io io = {unpack->in, unpack->in_len, unpack->piece, PIECE_SIZE};
    enum haul_err err = unpack->coding->step(unpack->state, &io);
    bool is_stuck = !err && io.out_len == PIECE_SIZE && io.in_len == unpack->in_len;

    *len = PIECE_SIZE - io.out_len;
    unpack->member += unpack->in_len - io.in_len;
    unpack->in = io.in;
    unpack->in_len = io.in_len;
    if (err == HAUL_ERR_END) {
        unpack->is_between = unpack->has_member = true;
        return HAUL_OK;
    }
    if (is_stuck)
        return unpack->in_len ? HAUL_ERR_SYNTAX : HAUL_ERR_END;
    /* What could be unpacked before the damage is given first. */
    return *len && err == HAUL_ERR_SYNTAX ? HAUL_OK : err;
}

enum haul_err haul_unpack_next(struct haul_unpack *unpack, const char **text, size_t *len)
{
    enum haul_err err = HAUL_OK;

    *text = (const char *)unpack->piece;
    *len = 0;
    while (*len == 0) {
        if (unpack->is_between)
            err = begin_member(unpack);
        if (!err)
            err = unpack_some(unpack, len);
        if (err)
            return err;
    }
    unpack->text += *len;
    if (unpack->text > HAUL_UNPACK_RATIO_FROM &&
        unpack->text / unpack->coding->ratio_max > unpack->packed)
        return HAUL_ERR_LIMIT;
    return HAUL_OK;
}
