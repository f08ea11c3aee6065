#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "input/unpack.h"

/*
 * What is unpacked does not depend on the pieces in which it arrives, up to where it is found to be
 * damaged. The first byte chooses the pieces, the rest is the stream.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MADE_MAX = 4 << 20 };

static void require(int holds)
{
    if (!holds)
        abort();
}

static enum haul_err write_down(struct haul_unpack *unpack, struct haul_buf *to)
{
    const char *bytes;
    size_t len;
    enum haul_err err;

    while ((err = haul_unpack_next(unpack, &bytes, &len)) == HAUL_OK && !to->err) {
        require(len > 0 && len <= (size_t)MADE_MAX);
        haul_buf_add(to, bytes, len);
    }
    return to->err ? HAUL_ERR_LIMIT : err;
}

static enum haul_err read_in_pieces(const char *bytes, size_t len, size_t piece,
                                    struct haul_buf *to)
{
    struct haul_unpack *unpack;
    enum haul_err err = haul_unpack_create(&unpack);

    require(!err);
    err = HAUL_ERR_END;
    for (size_t at = 0; at < len && err == HAUL_ERR_END; at += piece) {
        haul_unpack_feed(unpack, bytes + at, len - at < piece ? len - at : piece);
        err = write_down(unpack, to);
    }
    if (err == HAUL_ERR_END) {
        haul_unpack_finish(unpack);
        err = write_down(unpack, to);
    }
    require(err != HAUL_OK && err != HAUL_ERR_NOMEM);
    haul_unpack_free(unpack);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_buf whole, pieces;
    enum haul_err first, second;

    if (!size)
        return 0;
    haul_buf_init(&whole, MADE_MAX);
    haul_buf_init(&pieces, MADE_MAX);
    first = read_in_pieces((const char *)data + 1, size - 1, size, &whole);
    second = read_in_pieces((const char *)data + 1, size - 1, (size_t)data[0] + 1, &pieces);
    require(first == second);
    if (first == HAUL_ERR_END)
        require(whole.len == pieces.len &&
                (!whole.len || !memcmp(whole.data, pieces.data, whole.len)));
    haul_buf_done(&whole);
    haul_buf_done(&pieces);
    return 0;
}
