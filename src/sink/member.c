#include "sink/member.h"

#include <errno.h>

#include "base/clock.h"
#include "sink/tar.h"
#include "sink/tree.h"

static struct haul_member *member_of(struct haul_sink *sink)
{
    return (struct haul_member *)sink; /* its first field */
}

static enum haul_reason fail(struct haul_member *member, int error)
{
    if (!member->error)
        member->error = error;
    return haul_tree_reason(member->error);
}

static void discard(struct haul_sink *sink)
{
    struct haul_member *member = member_of(sink);

    haul_spool_clear(&member->spool);
    haul_parcel_free(haul_member_take(member));
}

static enum haul_reason begin(struct haul_sink *sink, const struct haul_sink_plan *plan)
{
    discard(sink);
    member_of(sink)->error = 0;
    return plan->offset ? HAUL_REASON_BAD_RANGE : HAUL_REASON_NONE;
}

static enum haul_reason write_bytes(struct haul_sink *sink, const void *bytes, size_t len)
{
    struct haul_member *member = member_of(sink);
    int error = member->error ? member->error : haul_spool_add(&member->spool, bytes, len);

    return error ? fail(member, error) : HAUL_REASON_NONE;
}

static enum haul_reason publish(struct haul_sink *sink, const char *name,
                                const struct haul_sink_end *end, struct haul_buf *published)
{
    static const char zeros[HAUL_TAR_BLOCK];
    struct haul_member *member = member_of(sink);
    struct haul_tar_head head = {.name = name, .size = haul_spool_size(&member->spool)};
    struct haul_buf before;
    int error = member->error;

    head.mtime_s = end->has_mtime ? end->mtime_s : haul_clock_wall_us() / 1000000;
    haul_buf_init(&before, 0);
    haul_tar_add_head(&before, &head);
    haul_buf_add_str(published, name);
    if (!error && (before.err || published->err))
        error = ENOMEM;
    if (!error)
        error = haul_spool_pack(&member->spool, before.data, before.len, zeros,
                                haul_tar_padding(head.size), &member->parcel);
    haul_buf_done(&before);
    return error ? fail(member, error) : HAUL_REASON_NONE;
}

static void leave(struct haul_sink *sink, bool syncs)
{
    (void)syncs;
    discard(sink);
}

static int error_of(const struct haul_sink *sink)
{
    return ((const struct haul_member *)sink)->error;
}

static const struct haul_sink_kind member_kind = {.begin = begin,
                                                  .write = write_bytes,
                                                  .publish = publish,
                                                  .leave = leave,
                                                  .discard = discard,
                                                  .error = error_of};

void haul_member_init(struct haul_member *member, const char *directory)
{
    *member = (struct haul_member){.sink = {.kind = &member_kind}};
    haul_spool_init(&member->spool, directory);
}

void haul_member_done(struct haul_member *member)
{
    discard(&member->sink);
    haul_spool_done(&member->spool);
}

struct haul_parcel *haul_member_take(struct haul_member *member)
{
    struct haul_parcel *parcel = member->parcel;

    member->parcel = NULL;
    return parcel;
}
