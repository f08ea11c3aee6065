#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "haul/exit.h"
#include "servers.h"

/* Files that are given as journals: those that are none, and those in other forms. */

START_TEST(list_named_as_journal_is_refused_and_left_alone)
{
    static const char *const hows[] = {"-q", "--resume", "--resume=force"};
    const char *other = it_path("no-journal");
    const char *const texts[] = {it_text("%s", it_url("/size?n=1")),
                                 it_text("%s\n%s\n", it_url("/size?n=1"), it_url("/size?n=2")),
                                 "{\"urls\":[\n]}\n"};

    for (size_t i = 0; i < 9; i++) {
        const char *text = texts[i % 3];
        struct it_run run;

        it_write(other, text, strlen(text));
        run = it_haul(IT_ARGS("--journal", other, hows[i / 3], it_url("/size?n=1")));
        ck_assert_int_eq(run.status, HAUL_EXIT_USAGE);
        ck_assert_uint_eq(it_lines(run.err), 1);
        ck_assert_ptr_nonnull(strstr(run.err, "not a journal of haul's"));
        ck_assert_str_eq(it_read(other, NULL), text);
    }
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

/* ---- packed ones ---- */

static const struct {
    const char *program, *suffix;
} packers[] = {{"gzip", "gz"}, {"zstd", "zst"}, {"xz", "xz"}};
enum { PACKERS = sizeof packers / sizeof *packers };

/* A journal of some runs, and the same packed. NULL: that program is not there. */
static const char *pack(const char *journal, int packer)
{
    const char *packed = it_text("%s.%s", journal, packers[packer].suffix);
    const char *script = it_text("command -v %s >/dev/null || exit 9; %s -q -c '%s' > '%s'",
                                 packers[packer].program, packers[packer].program, journal, packed);
    struct it_run run =
        it_call(&(struct it_call){.program = "/bin/sh", .argv = IT_ARGS("-c", script)});

    ck_assert_msg(run.status == 0 || run.status == 9, "%s", run.err);
    return run.status ? NULL : packed;
}

static const char *write_journal(const char *name)
{
    const char *journal = it_path(name);

    (void)unlink(journal);
    ck_assert_int_eq(it_haul(IT_ARGS("-q", "--journal", journal, it_url("/range?n=1000&etag=one"),
                                     it_url("/size?n=2"), it_url("/status/404")))
                         .status,
                     1);
    return journal;
}

START_TEST(packed_journal_is_read_as_it_was)
{
    const char *journal = write_journal(it_text("packed-%d", _i)), *packed = pack(journal, _i);
    struct it_run plain, run;

    if (!packed)
        return;
    plain = it_haul(IT_ARGS("report", "--format", "jsonl", journal));
    run = it_haul(IT_ARGS("report", "--format", "jsonl", packed));
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(run.out, plain.out);
    ck_assert_str_eq(run.err, plain.err);
    run = it_haul(IT_ARGS("diff", journal, packed));
    ck_assert_msg(run.status == 0, "%s", run.err);
    it_reset_server();
    run = it_haul(IT_ARGS("--since", packed, "--etags", "--format", "jsonl",
                          it_url("/range?n=1000&etag=one")));
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), it_url("/range?n=1000&etag=one"))),
                     "unchanged");
}
END_TEST

/* As a shell's <(command) is one: read once, from its beginning to its end. */
static struct it_run through_pipe(const char *journal, const char *arguments)
{
    const char *script = it_text("cat '%s' | '%s' %s", journal, getenv("HAUL_BIN"), arguments);

    return it_call(&(struct it_call){.program = "/bin/sh", .argv = IT_ARGS("-c", script)});
}

/* The last one is not packed. */
START_TEST(journal_is_read_from_a_pipe_as_from_its_file)
{
    const char *journal = write_journal(it_text("piped-%d", _i));
    const char *file = _i < PACKERS ? pack(journal, _i) : journal;
    struct it_run plain, run;

    if (!file)
        return;
    plain = it_haul(IT_ARGS("report", "--format", "jsonl", journal));
    run = through_pipe(file, "report --format jsonl /dev/stdin");
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(run.out, plain.out);
    run = through_pipe(file, "report --format jsonl /dev/fd/0");
    ck_assert_str_eq(run.out, plain.out);
    run = through_pipe(file, it_text("diff '%s' /dev/stdin", journal));
    ck_assert_msg(run.status == 0, "%s", run.err);
    it_reset_server();
    run = through_pipe(file, it_text("--since /dev/stdin --etags --format jsonl '%s'",
                                     it_url("/range?n=1000&etag=one")));
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), it_url("/range?n=1000&etag=one"))),
                     "unchanged");
}
END_TEST

START_TEST(packed_journal_is_not_continued)
{
    const char *packed = pack(write_journal("continued"), 0), *before;
    struct it_run run;
    size_t len, now_len;

    before = it_read(packed, &len);
    for (int i = 0; i < 2; i++) {
        run = it_haul(
            IT_ARGS("--journal", packed, i ? "--resume=force" : "--resume", it_url("/size?n=1")));
        ck_assert_int_eq(run.status, HAUL_EXIT_USAGE);
        ck_assert_ptr_nonnull(strstr(run.err, "packed with gzip"));
        ck_assert_ptr_nonnull(strstr(run.err, "gunzip"));
        ck_assert_int_eq(memcmp(it_read(packed, &now_len), before, len), 0);
        ck_assert_uint_eq(now_len, len);
    }
}
END_TEST

/* A copy that was broken off: the report has what is there, and says that it is not all. */
START_TEST(packed_journal_that_ends_early_is_used_as_far_as_it_goes)
{
    const char *packed = pack(write_journal("cut"), 0);
    struct it_run run;
    size_t len;

    it_read(packed, &len);
    for (long left = (long)len - 1; left > 20; left -= (long)len / 6) {
        ck_assert_int_eq(truncate(packed, (off_t)left), 0);
        run = it_haul(IT_ARGS("report", "--format", "jsonl", packed));
        if (strstr(run.err, "not a journal")) /* nothing of its first line came out */
            break;
        ck_assert_int_eq(run.status, HAUL_EXIT_INTERNAL);
        ck_assert_ptr_nonnull(strstr(run.err, "end before their end (gzip)"));
        ck_assert_uint_le(it_lines(run.out), 3);
        run = it_haul(IT_ARGS("diff", packed, packed));
        ck_assert_int_eq(run.status, HAUL_EXIT_INTERNAL);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journals");
    TCase *files = tcase_create("files");

    tcase_add_unchecked_fixture(files, it_begin_server, it_end_server);
    tcase_add_checked_fixture(files, it_reset_server, NULL);
    tcase_add_test(files, list_named_as_journal_is_refused_and_left_alone);
    tcase_add_loop_test(files, journal_is_read_from_a_pipe_as_from_its_file, 0, PACKERS + 1);
    tcase_add_loop_test(files, packed_journal_is_read_as_it_was, 0,
                        (int)(sizeof packers / sizeof *packers));
    tcase_add_test(files, packed_journal_is_not_continued);
    tcase_add_test(files, packed_journal_that_ends_early_is_used_as_far_as_it_goes);
    suite_add_tcase(suite, files);
    return it_main(suite);
}
