#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sink/digest.h"
#include "sink/sums.h"

/* The digests of "abc": RFC 1321, A.5; FIPS 180-2, A and C. */
static const struct {
    enum haul_hash hash;
    const char *hex;
} abc[] = {
    {HAUL_HASH_MD5, "900150983cd24fb0d6963f7d28e17f72"},
    {HAUL_HASH_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {HAUL_HASH_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {HAUL_HASH_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                       "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};
enum { ABC_COUNT = sizeof abc / sizeof *abc };

START_TEST(digests_are_those_of_the_standards)
{
    struct haul_digester *digester;

    ck_assert_int_eq(haul_digester_create(&digester), HAUL_OK);
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(haul_digester_begin(digester, ~0u), HAUL_OK);
        haul_digester_add(digester, "a", 1);
        haul_digester_add(digester, "bc", 2);
        ck_assert_int_eq(haul_digester_end(digester), HAUL_OK);
        for (int i = 0; i < ABC_COUNT; i++)
            ck_assert_str_eq(haul_digester_hex(digester, abc[i].hash), abc[i].hex);
    }
    ck_assert_int_eq(haul_digester_begin(digester, 1u << HAUL_HASH_MD5), HAUL_OK);
    ck_assert_int_eq(haul_digester_end(digester), HAUL_OK);
    ck_assert_str_eq(haul_digester_hex(digester, HAUL_HASH_MD5),
                     "d41d8cd98f00b204e9800998ecf8427e");
    ck_assert_ptr_null(haul_digester_hex(digester, HAUL_HASH_SHA256));
    haul_digester_free(digester);
}
END_TEST

static const struct {
    const char *text;
    enum haul_hash hash;
} checksums[] = {
    {"md5=900150983cd24fb0d6963f7d28e17f72", HAUL_HASH_MD5},
    {"MD5=900150983CD24FB0D6963F7D28E17F72", HAUL_HASH_MD5},
    {"sha-1=a9993e364706816aba3e25717850c26c9cd0d89d", HAUL_HASH_SHA1},
    {"sha1=a9993e364706816aba3e25717850c26c9cd0d89d", HAUL_HASH_SHA1},
    {"sha-256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", HAUL_HASH_SHA256},
    {"", HAUL_HASH_NONE},
    {"md5", HAUL_HASH_NONE},
    {"md5=", HAUL_HASH_NONE},
    {"=900150983cd24fb0d6963f7d28e17f72", HAUL_HASH_NONE},
    {"md5=900150983cd24fb0d6963f7d28e17f7", HAUL_HASH_NONE},
    {"md5=900150983cd24fb0d6963f7d28e17f7g", HAUL_HASH_NONE},
    {"md5=900150983cd24fb0d6963f7d28e17f720", HAUL_HASH_NONE},
    {"sha-256=900150983cd24fb0d6963f7d28e17f72", HAUL_HASH_NONE},
    {"crc32=00000000", HAUL_HASH_NONE},
    {"sha-2567890123=00", HAUL_HASH_NONE},
};
enum { CHECKSUM_COUNT = sizeof checksums / sizeof *checksums };

START_TEST(checksum_of_a_list_is_read)
{
    struct haul_checksum checksum;

    ck_assert_int_eq(haul_checksum_parse(checksums[_i].text, &checksum), !!checksums[_i].hash);
    ck_assert_int_eq(checksum.hash, checksums[_i].hash);
    if (checksum.hash == HAUL_HASH_MD5)
        ck_assert_str_eq(checksum.hex, abc[0].hex);
}
END_TEST

/* ---- files of checksums ---- */

static char path[64];

static enum haul_err load(const char *text, struct haul_sums **sums, char *said, size_t size)
{
    struct haul_buf message;
    enum haul_err err;
    FILE *file;
    int fd;

    strcpy(path, "/tmp/haul-sums.XXXXXX");
    fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    file = fdopen(fd, "w");
    fputs(text, file);
    fclose(file);
    haul_buf_init(&message, 0);
    err = haul_sums_load(path, sums, &message);
    snprintf(said, size, "%s", haul_buf_str(&message));
    haul_buf_done(&message);
    unlink(path);
    return err;
}

#define MD5_A "900150983cd24fb0d6963f7d28e17f72"
#define MD5_B "D41D8CD98F00B204E9800998ECF8427E"

START_TEST(sums_are_found_by_name)
{
    struct haul_checksum checksum;
    struct haul_sums *sums;
    char said[200];

    ck_assert_int_eq(load("# made by hand\n\n" MD5_A "  h/b\r\n" MD5_B " *./h/a\n\\" MD5_A
                          "  odd\\\\name\n" MD5_B "  h/b\n" MD5_A "  last",
                          &sums, said, sizeof said),
                     HAUL_OK);
    ck_assert(haul_sums_find(sums, "h/a", &checksum));
    ck_assert_int_eq(checksum.hash, HAUL_HASH_MD5);
    ck_assert_str_eq(checksum.hex, "d41d8cd98f00b204e9800998ecf8427e");
    ck_assert(haul_sums_find(sums, "h/b", &checksum));
    ck_assert_str_eq(checksum.hex, MD5_A);
    ck_assert(haul_sums_find(sums, "odd\\name", &checksum));
    ck_assert(haul_sums_find(sums, "last", &checksum));
    ck_assert(!haul_sums_find(sums, "h", &checksum));
    ck_assert(!haul_sums_find(sums, "z", &checksum));
    haul_sums_free(sums);
}
END_TEST

/* A mark is no digit. */
START_TEST(sums_may_begin_with_a_byte_order_mark)
{
    struct haul_checksum checksum;
    struct haul_sums *sums;
    char said[200];

    ck_assert_int_eq(load("\xef\xbb\xbf" MD5_A "  a\n", &sums, said, sizeof said), HAUL_OK);
    ck_assert(haul_sums_find(sums, "a", &checksum));
    haul_sums_free(sums);
}
END_TEST

START_TEST(wrong_sums_are_told_with_their_line)
{
    static const char *const wrong[] = {MD5_A "\n", MD5_A " x\n",   MD5_A "  \n",
                                        "xyz  a\n", MD5_A "0  a\n", "MD5 (a) = " MD5_A "\n"};
    struct haul_sums *sums;
    char said[200], text[200];

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(text, sizeof text, MD5_A "  fine\n%s", wrong[i]);
        ck_assert_int_eq(load(text, &sums, said, sizeof said), HAUL_ERR_USAGE);
        ck_assert_ptr_null(sums);
        ck_assert_ptr_nonnull(strstr(said, ":2: "));
    }
    ck_assert_int_eq(load("", &sums, said, sizeof said), HAUL_OK);
    haul_sums_free(sums);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("digest");
    TCase *tcase = tcase_create("all");
    SRunner *runner;
    int failures;

    tcase_add_test(tcase, digests_are_those_of_the_standards);
    tcase_add_loop_test(tcase, checksum_of_a_list_is_read, 0, CHECKSUM_COUNT);
    tcase_add_test(tcase, sums_are_found_by_name);
    tcase_add_test(tcase, sums_may_begin_with_a_byte_order_mark);
    tcase_add_test(tcase, wrong_sums_are_told_with_their_line);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
