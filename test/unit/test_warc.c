#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "numbered_key.h"
#include "sink/packer.h"
#include "sink/warc.h"

/*
 * Records of web archives: their text, and how they are packed. Whether an archive is one is tested
 * with a reader (integration/look_warc.py).
 */

static struct haul_buf out;

static void begin(void)
{
    haul_buf_init(&out, 0);
}

static void end(void)
{
    haul_buf_done(&out);
}

START_TEST(head_has_its_fields_in_order)
{
    const struct haul_warc_head head = {.type = "revisit",
                                        .id = "<urn:uuid:1>",
                                        .date_us = INT64_C(1700000000000000),
                                        .target_uri = "http://a.test/",
                                        .content_type = "application/http; msgtype=response",
                                        .ip = "192.0.2.1",
                                        .profile = HAUL_WARC_SAME_PAYLOAD,
                                        .payload_digest = "sha256:aa",
                                        .block_digest = "sha256:bb",
                                        .length = 12};

    haul_warc_add_head(&out, &head);
    ck_assert_str_eq(
        out.data,
        "WARC/1.1\r\nWARC-Type: revisit\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        "WARC-Date: 2023-11-14T22:13:20Z\r\nWARC-Target-URI: http://a.test/\r\n"
        "WARC-IP-Address: 192.0.2.1\r\n"
        "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest\r\n"
        "WARC-Payload-Digest: sha256:aa\r\nWARC-Block-Digest: sha256:bb\r\n"
        "Content-Type: application/http; msgtype=response\r\nContent-Length: 12\r\n\r\n");
}
END_TEST

START_TEST(fields_are_found_by_their_whole_names)
{
    static const char head[] = "WARC/1.1\r\nWARC-Date: x\r\nWARC-Refers-To-Date: y\r\nA:\r\n\r\n";
    struct haul_span found = haul_warc_find(head, strlen(head), "WARC-Date");

    ck_assert_uint_eq(found.len, 1);
    ck_assert_int_eq(*found.at, 'x');
    ck_assert_ptr_null(haul_warc_find(head, strlen(head), "Date").at);
    ck_assert_ptr_null(haul_warc_find(head, strlen(head), "WARC-Refers-To").at);
    ck_assert_ptr_null(haul_warc_find(head, strlen(head), "A").at);
}
END_TEST

START_TEST(identifiers_differ_and_are_of_version_4)
{
    char one[HAUL_WARC_ID_MAX], other[HAUL_WARC_ID_MAX];
    unsigned char random[2 * HAUL_WARC_RANDOM];

    ck_assert(haul_warc_get_random(random, 2));
    haul_warc_make_id(random, one);
    haul_warc_make_id(random + HAUL_WARC_RANDOM, other);
    ck_assert_str_ne(one, other);
    ck_assert_uint_eq(strlen(one), strlen("<urn:uuid:>") + 36);
    ck_assert_int_eq(one[strlen("<urn:uuid:") + 14], '4');
    memset(random, 0xff, sizeof random);
    ck_assert_str_eq(haul_warc_make_id(random, one),
                     "<urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff>");
}
END_TEST

START_TEST(secret_values_are_withheld)
{
    static const char head[] =
        "GET /a:b HTTP/1.1\r\nHost: a\r\nauthorization: Basic x\r\nAccept: */*\r\nAcceptX: 1\r\n"
        "user-agent: u\r\n\r\n";

    haul_warc_add_request(&out, head, strlen(head));
    ck_assert_str_eq(out.data, "GET /a:b HTTP/1.1\r\nHost: a\r\nauthorization: (withheld)\r\n"
                               "Accept: */*\r\nAcceptX: (withheld)\r\nuser-agent: u\r\n\r\n");
}
END_TEST

START_TEST(response_changes_only_what_no_reader_could_use)
{
    static const struct {
        const char *from, *to;
    } heads[] = {
        {"HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"},
        {"HTTP/1.0 200 OK\nA: b\n\n", "HTTP/1.0 200 OK\nA: b\n\n"},
        {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
         "HTTP/1.1 200 OK\r\nX-Crawl-transfer-encoding: chunked\r\n\r\n"},
        {"HTTP/2 404 \r\na: HTTP/2 \r\n\r\n", "HTTP/1.1 404 \r\na: HTTP/2 \r\n\r\n"},
    };

    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        haul_buf_clear(&out);
        haul_warc_add_response(&out, heads[i].from, strlen(heads[i].from));
        ck_assert_str_eq(out.data, heads[i].to);
    }
}
END_TEST

/* ---- packing ---- */

/* All bytes of a parcel, unpacked: it must be one gzip member. */
static void unpack(const struct haul_parcel *parcel, struct haul_buf *to)
{
    size_t len = parcel->len + (size_t)parcel->fd_size;
    unsigned char *packed = malloc(len);
    z_stream stream = {.next_in = packed, .avail_in = (uInt)len};
    int result = Z_OK;

    ck_assert_ptr_nonnull(packed);
    memcpy(packed, parcel->bytes, parcel->len);
    if (parcel->fd >= 0)
        ck_assert_int_eq(pread(parcel->fd, packed + parcel->len, (size_t)parcel->fd_size, 0),
                         parcel->fd_size);
    ck_assert_int_eq(inflateInit2(&stream, 15 + 16), Z_OK);
    haul_buf_clear(to);
    while (result == Z_OK) {
        stream.next_out = (Bytef *)haul_buf_reserve(to, 4096);
        stream.avail_out = 4096;
        result = inflate(&stream, Z_NO_FLUSH);
        haul_buf_grew(to, 4096 - stream.avail_out);
    }
    ck_assert_int_eq(result, Z_STREAM_END); /* checksum and size are right */
    ck_assert_uint_eq(stream.avail_in, 0);
    inflateEnd(&stream);
    free(packed);
}

/* What is packed in one test. */
static struct haul_press press;
static struct haul_packer packer;
static struct haul_buf body, head;

static void begin_packing(void)
{
    begin();
    haul_press_init(&press);
    haul_packer_init(&packer, &press, NULL);
    haul_buf_init(&body, 0);
    haul_buf_init(&head, 0);
    haul_buf_add_str(&head, "the head, the head\r\n\r\n");
}

static void end_packing(void)
{
    haul_packer_done(&packer);
    haul_press_done(&press);
    haul_buf_done(&body);
    haul_buf_done(&head);
    end();
}

/* Random bytes: packed, they are not less. */
static void make_body(size_t size)
{
    unsigned seed = 1;

    haul_buf_clear(&body);
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1103515245 + 12345;
        haul_buf_add_char(&body, (char)(seed >> 16));
    }
}

static void add_body(size_t piece)
{
    haul_packer_begin(&packer);
    for (size_t at = 0; at < body.len; at += piece)
        ck_assert_int_eq(
            haul_packer_add(&packer, body.data + at, body.len - at < piece ? body.len - at : piece),
            0);
}

static void check_record(const struct haul_parcel *parcel, size_t body_len)
{
    unpack(parcel, &out);
    ck_assert_uint_eq(out.len, head.len + body_len);
    ck_assert_mem_eq(out.data, head.data, head.len);
    if (body_len)
        ck_assert_mem_eq(out.data + head.len, body.data, body_len);
}

static void check_mark(struct haul_parcel *parcel)
{
    struct haul_packer_mark mark;

    ck_assert(haul_packer_read_mark((const unsigned char *)parcel->bytes, &mark));
    ck_assert_uint_eq(mark.size, parcel->len + (uint64_t)parcel->fd_size);
    ck_assert_uint_eq(mark.key.high, 5);
    ck_assert_uint_eq(mark.tag, 6);
    haul_packer_set_key(parcel, NUMBERED_KEY(UINT64_MAX - 1));
    ck_assert(haul_packer_read_mark((const unsigned char *)parcel->bytes, &mark));
    ck_assert_uint_eq(mark.key.high, UINT64_MAX - 1);
}

/* What archives of version 1 have: 44 bytes, with a key of one number. */
START_TEST(mark_of_an_earlier_version_is_read)
{
    unsigned char bytes[HAUL_PACKER_HEAD + 8] = {0x1f, 0x8b, 8,  4, 0,   0,   0,  0,
                                                 0,    255,  32, 0, 'H', 'L', 28, 0};
    struct haul_packer_mark mark;
    uint32_t crc;

    bytes[16] = 100; /* the size */
    memset(bytes + 24, 0x55, 8);
    bytes[32] = 6;
    crc = (uint32_t)crc32(0, bytes + 16, 24);
    for (int i = 0; i < 4; i++)
        bytes[40 + i] = (unsigned char)(crc >> 8 * i);
    ck_assert(haul_packer_read_mark(bytes, &mark));
    ck_assert_uint_eq(mark.size, 100);
    ck_assert(haul_key_is_old(&mark.key));
    ck_assert_uint_eq(mark.key.old, UINT64_C(0x5555555555555555));
    ck_assert_uint_eq(mark.tag, 6);
    for (size_t i = 0; i < 44; i++) {
        bytes[i] ^= 0x20;
        ck_assert_msg(!haul_packer_read_mark(bytes, &mark), "byte %zu", i);
        bytes[i] ^= 0x20;
        ck_assert(haul_packer_may_begin(bytes, i));
    }
}
END_TEST

static const size_t sizes[] = {
    0,     1,     100, HAUL_PACKER_WHOLE_MAX - 1, HAUL_PACKER_WHOLE_MAX, HAUL_PACKER_WHOLE_MAX + 1,
    40000, 300000};

/* The head, which is known last, is in front; random bytes are more than fits in memory. What is
 * packed in between changes nothing. */
START_TEST(record_is_one_member_with_its_head_in_front)
{
    static const size_t pieces[] = {1000, 300000, 1, 4096};
    struct haul_parcel *parcel;

    make_body(sizes[_i]);
    for (size_t round = 0; round < sizeof pieces / sizeof *pieces; round++) {
        add_body(pieces[round]);
        ck_assert_int_eq(packer.size, (int64_t)body.len);
        ck_assert_int_eq(haul_packer_pack(&packer, &head, NUMBERED_KEY(5), 6, &parcel), 0);
        check_mark(parcel);
        check_record(parcel, 0);
        haul_parcel_free(parcel);
        ck_assert_int_eq(haul_packer_finish(&packer, &head, NUMBERED_KEY(5), 6, &parcel), 0);
        check_mark(parcel);
        ck_assert_int_eq(parcel->fd >= 0, body.len > HAUL_SPOOL_HELD_MAX);
        check_record(parcel, body.len);
        haul_parcel_free(parcel);
    }
}
END_TEST

/* The same byte, over and over, so that all fits in memory: of what is too long to wait, too, and
 * whatever the record before was. */
START_TEST(zlib_is_there_for_a_long_body_only)
{
    static const size_t row[] = {HAUL_PACKER_WHOLE_MAX + 1, HAUL_PACKER_WHOLE_MAX, 1 << 20, 0};
    struct haul_parcel *parcel;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        haul_buf_clear(&body);
        haul_buf_pad(&body, 'x', row[i]);
        add_body(5000);
        ck_assert_int_eq(packer.stream != NULL, row[i] > HAUL_PACKER_WHOLE_MAX);
        ck_assert_int_eq(haul_packer_finish(&packer, &head, NUMBERED_KEY(5), 6, &parcel), 0);
        ck_assert_ptr_null(packer.stream);
        ck_assert_int_eq(parcel->fd, -1);
        ck_assert_uint_lt(parcel->len, 10000);
        check_record(parcel, row[i]);
        haul_parcel_free(parcel);
    }
}
END_TEST

/* Clearing the tables costs more than a short record is worth: they are not even made for it. */
START_TEST(short_record_is_stored_and_a_longer_one_compressed)
{
    struct haul_parcel *parcel;

    haul_buf_pad(&head, 'x', HAUL_PRESS_STORED_MAX - head.len);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(haul_packer_pack(&packer, &head, NUMBERED_KEY(5), 6, &parcel), 0);
        check_mark(parcel);
        check_record(parcel, 0);
        ck_assert_int_eq(press.compressor != NULL, i);
        if (i)
            ck_assert_uint_lt(parcel->len, 200);
        else
            ck_assert_uint_gt(parcel->len, head.len);
        haul_parcel_free(parcel);
        haul_buf_add_char(&head, 'x');
    }
}
END_TEST

/* What is left as it is comes out of another packer as the first one would have made it. */
START_TEST(raw_record_is_packed_later)
{
    struct haul_parcel *raw, *parcel;
    struct haul_packer other;

    make_body(sizes[_i]);
    add_body(1000);
    ck_assert_int_eq(haul_packer_finish_raw(&packer, &head, 6, &raw), 0);
    ck_assert_int_eq(packer.size, 0);
    ck_assert_uint_eq(raw->is_raw, body.len <= HAUL_PACKER_WHOLE_MAX);
    if (raw->is_raw) {
        ck_assert_uint_eq(raw->tag, 6);
        ck_assert_uint_eq(raw->len, head.len + body.len);
        haul_packer_init(&other, &press, NULL);
        ck_assert_int_eq(haul_packer_pack_raw(&other, raw, &parcel), 0);
        haul_packer_done(&other);
        haul_packer_set_key(parcel, NUMBERED_KEY(5));
        check_mark(parcel);
        check_record(parcel, body.len);
        haul_parcel_free(parcel);
    } else {
        check_record(raw, body.len);
    }
    haul_parcel_free(raw);
}
END_TEST

START_TEST(noted_payload_is_remembered_until_another_takes_its_place)
{
    ck_assert(!haul_press_note(&press, 1));
    ck_assert(!haul_press_note(&press, 2));
    ck_assert(haul_press_note(&press, 1));
    ck_assert(!haul_press_note(&press, 1 + HAUL_PRESS_TAGS));
    ck_assert(!haul_press_note(&press, 1));
    ck_assert(haul_press_note(&press, 2));
}
END_TEST

START_TEST(body_that_is_given_up_leaves_nothing)
{
    struct haul_parcel *parcel;

    make_body(sizes[_i]);
    add_body(1000);
    make_body(10);
    add_body(3);
    ck_assert_ptr_null(packer.stream);
    ck_assert_int_eq(haul_packer_finish(&packer, &head, NUMBERED_KEY(5), 6, &parcel), 0);
    check_record(parcel, 10);
    haul_parcel_free(parcel);
    make_body(sizes[_i]);
    add_body(1000); /* and is freed by the end of the packer */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("warc");
    TCase *tcase = tcase_create("records");
    TCase *packing = tcase_create("packing");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, head_has_its_fields_in_order);
    tcase_add_test(tcase, fields_are_found_by_their_whole_names);
    tcase_add_test(tcase, identifiers_differ_and_are_of_version_4);
    tcase_add_test(tcase, secret_values_are_withheld);
    tcase_add_test(tcase, mark_of_an_earlier_version_is_read);
    tcase_add_test(tcase, response_changes_only_what_no_reader_could_use);
    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(packing, begin_packing, end_packing);
    tcase_add_loop_test(packing, record_is_one_member_with_its_head_in_front, 0,
                        (int)(sizeof sizes / sizeof *sizes));
    tcase_add_test(packing, zlib_is_there_for_a_long_body_only);
    tcase_add_test(packing, short_record_is_stored_and_a_longer_one_compressed);
    tcase_add_loop_test(packing, body_that_is_given_up_leaves_nothing, 0,
                        (int)(sizeof sizes / sizeof *sizes));
    tcase_add_loop_test(packing, raw_record_is_packed_later, 0,
                        (int)(sizeof sizes / sizeof *sizes));
    tcase_add_test(packing, noted_payload_is_remembered_until_another_takes_its_place);
    suite_add_tcase(suite, packing);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
