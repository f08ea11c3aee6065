#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/tar.h"

/*
 * The format of tar, byte by byte: what haul writes, and what it takes for its own when it goes on
 * with an archive. Whether others can read it is tested with them (integration/test_save_tar.c).
 */

#define MANY(text) text text text text text text text text text text
#define LONG50 MANY("abcde")

static struct haul_buf out;

static void begin(void)
{
    haul_buf_init(&out, 0);
}

static void end(void)
{
    haul_buf_done(&out);
}

static const unsigned char *block_at(size_t number)
{
    ck_assert_uint_lt(number * HAUL_TAR_BLOCK, out.len);
    return (const unsigned char *)out.data + number * HAUL_TAR_BLOCK;
}

static struct haul_tar_block read_at(size_t number)
{
    struct haul_tar_block block;

    haul_tar_read_block(block_at(number), &block);
    return block;
}

static void add(const char *name, int64_t size, int64_t mtime_s)
{
    const struct haul_tar_head head = {.name = name, .size = size, .mtime_s = mtime_s};

    haul_buf_clear(&out);
    haul_tar_add_head(&out, &head);
    ck_assert_int_eq(out.err, HAUL_OK);
    ck_assert_uint_eq(out.len % HAUL_TAR_BLOCK, 0);
}

/* The name and the size that a reader comes to. */
static void check_read(const char *name, int64_t size, bool is_extended)
{
    struct haul_tar_block block = read_at(0);
    struct haul_buf path;
    int64_t told = -1;

    haul_buf_init(&path, 0);
    ck_assert_uint_eq(out.len > HAUL_TAR_BLOCK, is_extended);
    if (is_extended) {
        ck_assert_int_eq(block.kind, HAUL_TAR_EXTENDED);
        ck_assert(
            haul_tar_read_extended((const char *)block_at(1), (size_t)block.size, &path, &told));
        block = read_at(1 + ((size_t)block.size + HAUL_TAR_BLOCK - 1) / HAUL_TAR_BLOCK);
    }
    ck_assert_int_eq(block.kind, HAUL_TAR_FILE);
    ck_assert_str_eq(path.len ? path.data : block.name, name);
    ck_assert_int_eq(told >= 0 ? told : block.size, size);
    haul_buf_done(&path);
}

START_TEST(header_is_as_posix_says)
{
    static const struct {
        size_t at;
        const char *bytes;
        size_t len;
    } fields[] = {{0, "a/b.txt", 8},        {100, "0000644", 8},
                  {108, "0000000", 8},      {116, "0000000", 8},
                  {124, "00000000005", 12}, {136, "14630126340", 12},
                  {148, "010440\0 ", 8},    {156, "0", 1},
                  {257, "ustar\00000", 8},  {329, "0000000", 8},
                  {337, "0000000", 8}};
    unsigned char expected[HAUL_TAR_BLOCK] = {0};

    add("a/b.txt", 5, 1717611744);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        memcpy(expected + fields[i].at, fields[i].bytes, fields[i].len);
    ck_assert_uint_eq(out.len, HAUL_TAR_BLOCK);
    ck_assert_mem_eq(out.data, expected, HAUL_TAR_BLOCK);
}
END_TEST

/* The record tells its own length, and of both that could be told the one that is true. */
START_TEST(archive_begins_with_a_comment)
{
    static const char record[] = "16 comment=haul\n";

    haul_tar_add_begin(&out);
    ck_assert_uint_eq(out.len, HAUL_TAR_BEGIN);
    ck_assert_str_eq(out.data, "pax_global_header");
    ck_assert_int_eq(out.data[156], 'g');
    ck_assert_int_eq(read_at(0).kind, HAUL_TAR_OTHER);
    ck_assert_int_eq(read_at(0).size, (int64_t)strlen(record));
    ck_assert_str_eq(out.data + HAUL_TAR_BLOCK, record);
}
END_TEST

static const struct {
    const char *name;
    bool is_extended;
} names[] = {
    {"a", false},
    {LONG50 LONG50, false},                               /* 100: fills the field */
    {LONG50 LONG50 "x", true},                            /* 101, and no slash */
    {"d/" LONG50 LONG50, false},                          /* cut at the slash */
    {"d/" LONG50 LONG50 "x", true},                       /* the last part has no room */
    {LONG50 LONG50 LONG50 "abcde/" LONG50 LONG50, false}, /* 155 + 1 + 100: both are full */
    {LONG50 LONG50 LONG50 "abcdef/" LONG50 LONG50, true}, /* 156 */
    {LONG50 LONG50 LONG50 "abcde/" LONG50 LONG50 "x", true},
    {"\xc3\xa4/\xe2\x82\xac", true},
    {"a\xff", true},
};

START_TEST(name_is_read_as_it_was)
{
    add(names[_i].name, 7, 0);
    check_read(names[_i].name, 7, names[_i].is_extended);
}
END_TEST

/* Records of 99 and of 101 bytes: there is none of 100, for the digits are counted, too. */
START_TEST(record_of_any_length_tells_it)
{
    char name[2100];

    for (size_t len = 101; len < sizeof name; len++) {
        memset(name, 'n', len);
        name[len] = '\0';
        add(name, 0, 0);
        check_read(name, 0, true);
    }
    for (size_t len = 3; len < 120; len++) {
        memset(name, 'n', len);
        memcpy(name, "\xc3\xa4", 2);
        name[len] = '\0';
        add(name, 0, 0);
        check_read(name, 0, true);
    }
}
END_TEST

START_TEST(name_that_is_no_utf8_says_so)
{
    static const char *const bad[] = {"\x80",
                                      "\xc0\xaf",
                                      "\xc3",
                                      "\xe0\x80\xaf",
                                      "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80"};
    static const char *const good[] = {"\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf",
                                       "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        add(bad[i], 0, 0);
        ck_assert_msg(!memcmp(block_at(1), "21 hdrcharset=BINARY\n", 21), "bad %zu", i);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        add(good[i], 0, 0);
        ck_assert_msg(!strstr((const char *)block_at(1), "hdrcharset"), "good %zu", i);
    }
}
END_TEST

/* Eleven octal digits end at 8 GiB. */
START_TEST(size_over_8_gib_is_extended)
{
    const int64_t limit = INT64_C(1) << 33;

    add("x", limit - 1, 0);
    check_read("x", limit - 1, false);
    ck_assert_mem_eq(block_at(0) + 124, "77777777777", 12);
    add("x", limit, 0);
    ck_assert_str_eq((const char *)block_at(1), "19 size=8589934592\n");
    check_read("x", limit, true);
    add("x", INT64_MAX, 0);
    check_read("x", INT64_MAX, true);
}
END_TEST

START_TEST(time_beyond_the_field_is_extended)
{
    add("x", 0, -1);
    ck_assert_str_eq((const char *)block_at(1), "12 mtime=-1\n");
    check_read("x", 0, true);
    add("x", 0, (INT64_C(1) << 33) - 1);
    check_read("x", 0, false);
    add("x", 0, INT64_C(1) << 33);
    ck_assert_str_eq((const char *)block_at(1), "20 mtime=8589934592\n");
}
END_TEST

START_TEST(padding_and_end_fill_blocks_and_records)
{
    static const struct {
        int64_t size;
        unsigned padding;
    } sizes[] = {{0, 0}, {1, 511}, {511, 1}, {512, 0}, {513, 511}, {(INT64_C(1) << 40) + 1, 511}};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        ck_assert_uint_eq(haul_tar_padding(sizes[i].size), sizes[i].padding);
    for (int64_t size = 0; size <= 3 * HAUL_TAR_RECORD; size += HAUL_TAR_BLOCK) {
        haul_buf_clear(&out);
        haul_tar_add_end(&out, size);
        ck_assert_uint_ge(out.len, 2 * HAUL_TAR_BLOCK);
        ck_assert_uint_lt(out.len, 2 * HAUL_TAR_BLOCK + HAUL_TAR_RECORD);
        ck_assert_int_eq((size + (int64_t)out.len) % HAUL_TAR_RECORD, 0);
        for (size_t i = 0; i < out.len; i++)
            ck_assert_int_eq(out.data[i], 0);
    }
}
END_TEST

/* Any single bit of a header that is changed is noticed, but in the padding of the fields. */
START_TEST(damaged_header_is_none)
{
    add("name", 5, 1);
    for (size_t bit = 0; bit < (size_t)8 * HAUL_TAR_BLOCK; bit++) {
        size_t at = bit / 8;

        if (at >= 148 && at < 156)
            continue;
        out.data[at] = (char)(out.data[at] ^ 1 << bit % 8);
        ck_assert_int_eq(read_at(0).kind, HAUL_TAR_DAMAGED);
        out.data[at] = (char)(out.data[at] ^ 1 << bit % 8);
    }
    ck_assert_int_eq(read_at(0).kind, HAUL_TAR_FILE);
    memset(out.data, 0, HAUL_TAR_BLOCK);
    ck_assert_int_eq(read_at(0).kind, HAUL_TAR_ZEROS);
}
END_TEST

START_TEST(damaged_records_are_refused)
{
    static const char *const bad[] = {"x",
                                      "0 a=\n",
                                      "5 a=b",
                                      "6 a=b\nx",
                                      "5 ab\n",
                                      "99 a=b\n",
                                      "-6 a=b\n",
                                      " 6 a=b\n",
                                      "6a=b\n",
                                      "11 size=1x\n",
                                      "10 size=\n",
                                      "8 size=\n",
                                      "11 size=-1\n",
                                      "99999999999999999999 a=b\n",
                                      "29 size=99999999999999999999\n"};
    struct haul_buf name;
    int64_t size;

    haul_buf_init(&name, 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!haul_tar_read_extended(bad[i], strlen(bad[i]), &name, &size), "%s", bad[i]);
    ck_assert(
        haul_tar_read_extended("6 a=b\n12 path=d/x\n11 size=12\n8 path=\n", 37, &name, &size));
    ck_assert_str_eq(haul_buf_str(&name), "");
    ck_assert_int_eq(size, 12);
    haul_buf_done(&name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tar");
    TCase *tcase = tcase_create("format");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, header_is_as_posix_says);
    tcase_add_test(tcase, archive_begins_with_a_comment);
    tcase_add_loop_test(tcase, name_is_read_as_it_was, 0, (int)(sizeof names / sizeof *names));
    tcase_add_test(tcase, record_of_any_length_tells_it);
    tcase_add_test(tcase, name_that_is_no_utf8_says_so);
    tcase_add_test(tcase, size_over_8_gib_is_extended);
    tcase_add_test(tcase, time_beyond_the_field_is_extended);
    tcase_add_test(tcase, padding_and_end_fill_blocks_and_records);
    tcase_add_test(tcase, damaged_header_is_none);
    tcase_add_test(tcase, damaged_records_are_refused);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
