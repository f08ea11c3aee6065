#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "input/unpack.h"
#include "sink/decode.h"

/*
 * Frames of Zstandard as a body and as a list: which are read, however they are cut.
 */

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static struct haul_buf wire, got;

static void begin(void)
{
    haul_buf_init(&wire, 0);
    haul_buf_init(&got, 0);
}

static void end(void)
{
    haul_buf_done(&wire);
    haul_buf_done(&got);
}

/* ---- the two who read them ---- */

static size_t piece_at(size_t at, size_t piece)
{
    return wire.len - at < piece ? wire.len - at : piece;
}

static enum haul_reason collect(void *arg, const uint8_t *bytes, size_t len)
{
    haul_buf_add(arg, bytes, len);
    return HAUL_REASON_NONE;
}

static enum haul_err read_body(size_t piece)
{
    struct haul_decoder dec;
    enum haul_reason reason;

    haul_decoder_init(&dec);
    reason = haul_decoder_begin(&dec, "zstd", NULL, collect, &got);
    for (size_t at = 0; at < wire.len; at += piece)
        reason = haul_decoder_feed(&dec, (uint8_t *)wire.data + at, piece_at(at, piece));
    if (!reason)
        reason = haul_decoder_end(&dec);
    haul_decoder_done(&dec);
    if (reason == HAUL_REASON_TRUNCATED)
        return HAUL_ERR_IO;
    ck_assert(!reason || reason == HAUL_REASON_BAD_ENCODING);
    return reason ? HAUL_ERR_SYNTAX : HAUL_OK;
}

static const struct haul_coding *zstd_coding(void)
{
    bool is_open;

    return haul_unpack_detect("\x28\xb5\x2f\xfd", 4, &is_open);
}

static enum haul_err read_list(size_t piece)
{
    struct haul_unpack *unpack = haul_unpack_create(zstd_coding());
    enum haul_err err = HAUL_ERR_END;
    const char *text;
    bool is_whole;
    size_t len;

    ck_assert_ptr_nonnull(unpack);
    for (size_t at = 0; at < wire.len && err == HAUL_ERR_END; at += piece) {
        haul_unpack_feed(unpack, wire.data + at, piece_at(at, piece));
        while ((err = haul_unpack_next(unpack, &text, &len)) == HAUL_OK)
            haul_buf_add(&got, text, len);
    }
    is_whole = haul_unpack_is_whole(unpack);
    haul_unpack_free(unpack);
    if (err == HAUL_ERR_END)
        return is_whole ? HAUL_OK : HAUL_ERR_IO;
    ck_assert(err == HAUL_ERR_SYNTAX || err == HAUL_ERR_RANGE);
    return HAUL_ERR_SYNTAX;
}

/* OK; IO: cut short; SYNTAX: refused. */
static enum haul_err (*const readers[])(size_t piece) = {read_body, read_list};

static void check(enum haul_err wanted, const char *text)
{
    for (int i = 0; i < COUNT(readers); i++)
        for (size_t piece = 1; piece <= wire.len; piece++) {
            haul_buf_clear(&got);
            ck_assert_msg(readers[i](piece) == wanted, "reader %d, pieces of %zu", i, piece);
            ck_assert_str_eq(haul_buf_str(&got), text);
        }
}

/* ---- frames ---- */

struct frame {
    const char *bytes;
    size_t len;
    const char *text;
};

#define FRAME(text, bytes)                                                                         \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, text                                                             \
    }
#define RAW_LEGACY "\x40\0\6legacy\xc0\0\0" /* a raw block, and the end */

/* What libzstd 1.5 was built to read besides. */
static const struct frame old_frames[] = {
    FRAME("", "\x25\xb5\x2f\xfd\x0f" RAW_LEGACY),
    FRAME("", "\x26\xb5\x2f\xfd\x0f" RAW_LEGACY),
    FRAME("", "\x27\xb5\x2f\xfd\0\x78" RAW_LEGACY),
    FRAME("", "\x1e\xb5\x2f\xfd\x40\0\1x\xc0\0\0"),
    FRAME("", "\x22\xb5\x2f\xfd\x40\0\1x\xc0\0\0"),
    FRAME("", "\x23\xb5\x2f\xfd\x40\0\1x\xc0\0\0"),
    FRAME("", "\x24\xb5\x2f\xfd\0\x40\0\1x\xc0\0\0"),
};

/* Frames of RFC 8878: heads of every form, and what they hold. */
static const struct frame good_frames[] = {
    FRAME("", "\x50\x2a\x4d\x18\0\0\0\0"),
    FRAME("", "\x5f\x2a\x4d\x18\3\0\0\0xyz"),
    FRAME("", "\x50\x2a\x4d\x18\x0c\0\0\0\x27\xb5\x2f\xfd\0\x78\x40\0\1x\xc0\0"),
    FRAME("x", "\x28\xb5\x2f\xfd\x20\1\x09\0\0x"),
    FRAME("x", "\x28\xb5\x2f\xfd\0\x58\x09\0\0x"),
    FRAME("x", "\x28\xb5\x2f\xfd\1\x58\0\x09\0\0x"),
    FRAME("x", "\x28\xb5\x2f\xfd\3\x58\0\0\0\0\x09\0\0x"),
    FRAME("x", "\x28\xb5\x2f\xfd\xa0\1\0\0\0\x09\0\0x"),
    FRAME("x", "\x28\xb5\x2f\xfd\xc2\x58\0\0\1\0\0\0\0\0\0\0\x09\0\0x"),
    FRAME("xy", "\x28\xb5\x2f\xfd\0\x68\x08\0\0x\x09\0\0y"), /* the largest window of a body */
    FRAME("", "\x28\xb5\x2f\xfd\x20\0\1\0\0"),
};

static const struct frame bad_frames[] = {
    FRAME("", "\x28\xb5\x2f\xfe\x20\1\x09\0\0x"),
    FRAME("", "\x50\x2a\x4d\x19\0\0\0\0"),
    FRAME("", "\x60\x2a\x4d\x18\0\0\0\0"),
    FRAME("", "\x28\xb5\x2f\xfd\x08\x58\x09\0\0x"),       /* a reserved bit */
    FRAME("", "\x28\xb5\x2f\xfd\1\x58\7\x09\0\0x"),       /* a dictionary */
    FRAME("", "\x28\xb5\x2f\xfd\0\xf8\x09\0\0x"),         /* a window of 2^41 */
    FRAME("", "\x28\xb5\x2f\xfd\x40\x90\2\0\x13\x08\0x"), /* of 2^28, and one block */
    FRAME("", "\x28\xb5\x2f\xfd\0\x58\x0f\0\0x"),         /* a reserved kind of block */
    /* the rest of its head looks like a frame, and what follows like its block */
    FRAME("", "\x28\xb5\x2f\xfd\xc0\x58\x28\xb5\x2f\xfd\x20\1\x09\0\0x\xff"),
};

static void add(const struct frame *frame)
{
    haul_buf_add(&wire, frame->bytes, frame->len);
}

enum { OLD = COUNT(old_frames), GOOD = COUNT(good_frames), BAD = COUNT(bad_frames) };

START_TEST(frame_is_read_in_any_pieces)
{
    const struct frame *one = &good_frames[_i % GOOD], *other = &good_frames[_i / GOOD];
    char text[8];

    add(one);
    add(other);
    snprintf(text, sizeof text, "%s%s", one->text, other->text);
    check(HAUL_OK, text);
}
END_TEST

START_TEST(frame_that_is_cut_is_not_whole)
{
    const struct frame *frame = &good_frames[_i];

    for (size_t len = 1; len < frame->len; len++) {
        haul_buf_clear(&wire);
        haul_buf_add(&wire, frame->bytes, len);
        for (int i = 0; i < COUNT(readers); i++)
            for (size_t piece = 1; piece <= len; piece++)
                ck_assert_int_eq(readers[i](piece), HAUL_ERR_IO);
    }
}
END_TEST

START_TEST(frame_of_an_old_format_is_refused_in_any_pieces)
{
    add(&old_frames[_i]);
    check(HAUL_ERR_SYNTAX, "");
}
END_TEST

START_TEST(frame_of_an_old_format_is_refused_behind_another)
{
    const struct frame *before = &good_frames[_i % GOOD];

    add(before);
    add(&old_frames[_i / GOOD]);
    check(HAUL_ERR_SYNTAX, before->text);
}
END_TEST

START_TEST(bad_frame_is_refused_in_any_pieces)
{
    add(&bad_frames[_i]);
    check(HAUL_ERR_SYNTAX, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unzstd");
    TCase *tests = tcase_create("unzstd");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_loop_test(tests, frame_is_read_in_any_pieces, 0, GOOD * GOOD);
    tcase_add_loop_test(tests, frame_that_is_cut_is_not_whole, 0, GOOD);
    tcase_add_loop_test(tests, frame_of_an_old_format_is_refused_in_any_pieces, 0, OLD);
    tcase_add_loop_test(tests, frame_of_an_old_format_is_refused_behind_another, 0, OLD * GOOD);
    tcase_add_loop_test(tests, bad_frame_is_refused_in_any_pieces, 0, BAD);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
