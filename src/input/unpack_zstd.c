#include "base/unzstd.h"
#include "input/unpack_inside.h"

enum { WINDOW_LOG_MAX = 27 };
_Static_assert(1 << WINDOW_LOG_MAX == HAUL_UNPACK_MEMORY_MAX, "the window is what takes memory");

static void *create(void)
{
    return haul_unzstd_create(WINDOW_LOG_MAX);
}

static void destroy(void *state)
{
    haul_unzstd_free(state);
}

static enum haul_err begin(void *state)
{
    return haul_unzstd_begin(state);
}

static enum haul_err step(void *state, struct haul_unpack_io *io)
{
    return haul_unzstd_step(state, &io->in, &io->in_len, &io->out, &io->out_len);
}

/* The second one is of skippable frames, with which some writers begin a file. */
const struct haul_coding haul_unpack_zstd = {
    .name = "zstd",
    .magic = {{"\x28\xb5\x2f\xfd", 4, 0}, {"\x50\x2a\x4d\x18", 4, 0x0f}},
    .ratio_max = HAUL_UNPACK_RATIO_ZSTD,
    .create = create,
    .free = destroy,
    .begin = begin,
    .step = step};
