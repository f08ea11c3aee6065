#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/charset.h"
#include "input/unpack.h"

/*
 * What a compressed list unpacks to, or a text of another character set is made, does not depend on
 * the pieces in which it arrives; but where it is damaged, what stands before that may be given up
 * to another byte. The first byte chooses the pieces, the rest is the list.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 1 << 20 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

struct list {
    const char *bytes;
    size_t len, piece;
};

static size_t piece_at(const struct list *list, size_t at)
{
    return list->len - at < list->piece ? list->len - at : list->piece;
}

/* Whether it was whole and sound. */
static bool unpack(const struct haul_coding *coding, const struct list *list, struct haul_buf *to)
{
    struct haul_unpack *unpack = haul_unpack_create(coding);
    enum haul_err err = HAUL_ERR_END;
    const char *text;
    bool is_well;
    size_t len;

    require(unpack != NULL);
    for (size_t at = 0; at < list->len && err == HAUL_ERR_END; at += list->piece) {
        haul_unpack_feed(unpack, list->bytes + at, piece_at(list, at));
        while (to->len < TEXT_MAX && (err = haul_unpack_next(unpack, &text, &len)) == HAUL_OK) {
            require(len > 0);
            haul_buf_add(to, text, len);
        }
    }
    require(err != HAUL_ERR_LIMIT);
    if (to->len >= TEXT_MAX)
        haul_buf_cut(to, TEXT_MAX);
    is_well = err == HAUL_ERR_END && haul_unpack_is_whole(unpack);
    haul_unpack_free(unpack);
    return is_well;
}

static bool convert(const struct list *list, struct haul_buf *to)
{
    struct haul_charset charset;
    enum haul_err err = HAUL_ERR_END;
    const char *text;
    size_t len;

    haul_charset_init(&charset);
    for (size_t at = 0; at < list->len && err == HAUL_ERR_END; at += list->piece) {
        haul_charset_feed(&charset, list->bytes + at, piece_at(list, at));
        while ((err = haul_charset_next(&charset, &text, &len)) == HAUL_OK)
            haul_buf_add(to, text, len);
    }
    while (err == HAUL_ERR_END && (err = haul_charset_end(&charset, &text, &len)) == HAUL_OK) {
        haul_buf_add(to, text, len);
        err = HAUL_ERR_END;
    }
    haul_charset_done(&charset);
    return err == HAUL_ERR_END;
}

static bool read_list(const struct list *list, struct haul_buf *to)
{
    bool is_open;
    const struct haul_coding *coding = haul_unpack_detect(list->bytes, list->len, &is_open);

    return coding ? unpack(coding, list, to) : convert(list, to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data + 1;
    struct haul_buf whole, pieces;
    bool is_well;
    size_t len;

    if (size < 2)
        return 0;
    haul_buf_init(&whole, 0);
    haul_buf_init(&pieces, 0);
    is_well = read_list(&(struct list){bytes, size - 1, size}, &whole);
    require(read_list(&(struct list){bytes, size - 1, (size_t)data[0] + 1}, &pieces) == is_well);
    require(!is_well || whole.len == pieces.len);
    len = whole.len < pieces.len ? whole.len : pieces.len;
    require(len == 0 || memcmp(whole.data, pieces.data, len) == 0);
    haul_buf_done(&whole);
    haul_buf_done(&pieces);
    return 0;
}
