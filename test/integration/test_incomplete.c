#include <string.h>

#include "harness.h"
#include "servers.h"

/*
 * Runs whose rows are all done, and that are not complete: an input gave nothing where that is an
 * error, or was not read to its end. What such a run has not is not gone: that is the same for the
 * history, for the journal, and for what is made of them.
 *
 * Each night has two lists, or what waits in standard input. The first has all pages; the second
 * lacks some, in the way that is tried; the third is as the first.
 */

/* ---- nights ---- */

enum lack { EMPTY_LIST, UNREAD, LACKS };

static const char *in(const char *name)
{
    return it_path(name);
}

static void write_list(const char *name, const char *text)
{
    it_write(in(name), text, strlen(text));
}

/* A night that is complete; its journal has the name of the night. */
static struct it_run good_night(const char *history, const char *night)
{
    return it_haul(IT_ARGS("-s", "--quiet-unless", "change", "--history", in(history), "--journal",
                           in(night), "-i", in("one"), "-i", in("two")));
}

static const char *const formats[] = {"json", "junit", "github", "markdown", "html", "prometheus"};
enum { FORMATS = sizeof formats / sizeof *formats };

static const char *target(const char *night, int format)
{
    return it_text("%s:%s", formats[format], in(it_text("%s.%s", night, formats[format])));
}

#define REPORTS(night)                                                                             \
    "--report", target(night, 0), "--report", target(night, 1), "--report", target(night, 2),      \
        "--report", target(night, 3), "--report", target(night, 4), "--report", target(night, 5)

static struct it_run empty_night(const char *history, const char *night)
{
    return it_haul(IT_ARGS("--quiet-unless", "change", "--if-empty", "fail", REPORTS(night),
                           "--history", in(history), "--journal", in(night), "-i", in("one"), "-i",
                           in("none")));
}

/* The row is there before the time is over: it has come before the list, which says no more. */
static struct it_run unread_night(const char *history, const char *night)
{
    struct it_process *process = it_start(
        &(struct it_call){.argv = IT_ARGS("--quiet-unless", "change", REPORTS(night),
                                          "--max-duration", "1s", "--history", in(history),
                                          "--journal", in(night), "-i", in("one"), "-i", "-"),
                          .keep_input = true});

    while (!it_has_ended(process))
        continue;
    return it_finish(process);
}

static struct it_run bad_night(enum lack lack, const char *history, const char *night)
{
    return lack == UNREAD ? unread_night(history, night) : empty_night(history, night);
}

static void begin(void)
{
    it_begin_server();
    write_list("one", it_text("%s\n", it_url("/size?n=1000")));
    write_list("two", it_text("%s\n", it_url("/size?n=2000")));
    write_list("none", "# broken\n");
    for (int i = 0; i < LACKS; i++) {
        const char *history = it_text("%d.db", i);

        ck_assert_int_eq(good_night(history, it_text("%d-first", i)).status, 0);
        (void)bad_night((enum lack)i, history, it_text("%d-second", i));
    }
}

static void check_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%.3000s", part, text);
}

static void check_has_not(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "'%s' in:\n%.3000s", part, text);
}

/* ---- the run ---- */

static const int status_of[LACKS] = {[EMPTY_LIST] = 3, [UNREAD] = 75};

START_TEST(what_is_not_listed_is_not_gone)
{
    const char *history = it_text("own-%d.db", _i);
    struct it_run run;

    ck_assert_int_eq(good_night(history, it_text("%d-own-first", _i)).status, 0);
    run = bad_night((enum lack)_i, history, it_text("%d-own-second", _i));
    ck_assert_int_eq(run.status, status_of[_i]);
    check_has(run.out, _i ? ", an input was not read to its end, not complete"
                          : ", 1 input without a URL, not complete");
    check_has_not(run.out, "gone");
}
END_TEST

/* It is the first one that the third is compared with, and nothing has come back. */
START_TEST(night_after_is_compared_with_the_one_before)
{
    const char *history = it_text("after-%d.db", _i);
    struct it_run run;

    ck_assert_int_eq(good_night(history, it_text("%d-after-first", _i)).status, 0);
    (void)bad_night((enum lack)_i, history, it_text("%d-after-second", _i));
    run = good_night(history, it_text("%d-after-third", _i));
    ck_assert_int_eq(run.status, 0);
    ck_assert_msg(!run.out_len && !run.err_len, "%s%s", run.out, run.err);
}
END_TEST

/* ---- what is made of it ---- */

START_TEST(history_says_that_it_is_incomplete)
{
    struct it_run run = it_haul(IT_ARGS("history", in(it_text("%d.db", _i))));

    ck_assert_int_eq(run.status, 0);
    check_has(run.out, it_text("incomplete, status %d\n", status_of[_i]));
}
END_TEST

static const char *name_of(int lack, bool is_history, int night)
{
    return is_history ? it_text("%s@%d", in(it_text("%d.db", lack)), night)
                      : in(it_text("%d-%s", lack, night == 1 ? "first" : "second"));
}

/* Of journals, and of a history. */
START_TEST(diff_says_so_and_calls_nothing_gone)
{
    int lack = _i / 2;
    struct it_run run =
        it_haul(IT_ARGS("diff", name_of(lack, _i % 2, 1), name_of(lack, _i % 2, 2)));

    ck_assert_int_eq(run.status, 0);
    check_has(run.out, "the run is not complete: what is missing from it does not count as gone");
    check_has_not(run.out, "size?n=2000");
}
END_TEST

START_TEST(report_of_its_journal_is_incomplete)
{
    struct it_run run = it_haul(IT_ARGS("report", "-s", "--format", "json", name_of(_i, false, 2)));

    ck_assert_int_eq(run.status, 0);
    check_has(run.out, "\"complete\": false");
    check_has(run.out, it_text("\"exit_status\": %d", status_of[_i]));
    run = it_haul(IT_ARGS("report", "-s", "--format", "json", name_of(_i, false, 1)));
    check_has(run.out, "\"complete\": true");
}
END_TEST

/* A report has lists of its own. */
START_TEST(report_of_a_list_that_is_empty_is_incomplete)
{
    struct it_run run =
        it_haul(IT_ARGS("report", "-s", "--if-empty", _i ? "fail" : "warn", "--format", "json",
                        "-i", in("one"), "-i", in("none"), name_of(0, false, 1)));

    ck_assert_int_eq(run.status, _i ? 3 : 0);
    check_has(run.out, _i ? "\"complete\": false" : "\"complete\": true");
}
END_TEST

/* ---- reports for programs ---- */

/* What each format is to say. */
static const struct said {
    const char *run, *night[LACKS];
} said[FORMATS] = {
    {"",
     {"\"empty_inputs\": 1,\n\"empty_is_error\": true,\n\"unread\": false",
      "\"empty_inputs\": 0,\n\"empty_is_error\": false,\n\"unread\": true"}},
    {"failures=\"1\"",
     {"<failure type=\"empty\" message=\"an input has no URL, which is an error\"/>",
      "<failure type=\"incomplete\" message=\"an input was not read to its end\"/>"}},
    {"::error ",
     {"::error title=haul%3A input without a URL::an input has no URL, which is an error\n",
      "::error title=haul%3A not complete::an input was not read to its end\n"}},
    {"NOT complete", {", 1 input without a URL, ", ", an input was not read to its end, "}},
    {"class=\"bad\"",
     {"An input has no URL, which is an error", "An input was not read to its end"}},
    {"haul_complete{site=\"127.0.0.1\"} 0\n",
     {"haul_empty_is_error{site=\"127.0.0.1\"} 1\n", "haul_unread{site=\"127.0.0.1\"} 1\n"}},
};

/* The run's own, and that of its journal. */
START_TEST(every_format_says_what_is_wrong)
{
    int format = _i / LACKS, lack = _i % LACKS;
    const char *night = it_text("%d-second", lack);
    const char *text = it_read(in(it_text("%s.%s", night, formats[format])), NULL);
    struct it_run run = it_haul(IT_ARGS("report", "-s", "--format", formats[format], in(night)));

    ck_assert_int_eq(run.status, 0);
    check_has(text, said[format].run);
    check_has(text, said[format].night[lack]);
    check_has(run.out, said[format].run);
    check_has(run.out, said[format].night[lack]);
}
END_TEST

/* What is told and is no error: the run is complete, and yet there is something to be seen. */
static const char *const told[FORMATS] = {
    "\"empty_inputs\": 1,\n\"empty_is_error\": false,\n\"unread\": false",
    ", 1 input without a URL",
    "::warning title=haul%3A input without a URL::an input has no URL\n",
    ", 1 input without a URL",
    "<p class=\"bad\">An input has no URL.</p>",
    "haul_empty_inputs{site=\"127.0.0.1\"} 1\n"};

START_TEST(every_format_says_what_is_no_error)
{
    const char *journal = in(it_text("told-%d", _i));
    struct it_run run = it_haul(IT_ARGS("-s", "--journal", journal, "--format", formats[_i], "-i",
                                        in("one"), "-i", in("none")));

    ck_assert_int_eq(run.status, 0);
    check_has(run.out, told[_i]);
    check_has_not(run.out, "failures=\"1\"");
    check_has_not(run.out, "NOT complete");
    run = it_haul(IT_ARGS("report", "-s", "--format", formats[_i], journal));
    check_has(run.out, told[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("incomplete");
    TCase *tcase = tcase_create("nights");

    tcase_add_unchecked_fixture(tcase, begin, it_end_server);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, what_is_not_listed_is_not_gone, 0, LACKS);
    tcase_add_loop_test(tcase, night_after_is_compared_with_the_one_before, 0, LACKS);
    tcase_add_loop_test(tcase, history_says_that_it_is_incomplete, 0, LACKS);
    tcase_add_loop_test(tcase, diff_says_so_and_calls_nothing_gone, 0, 2 * LACKS);
    tcase_add_loop_test(tcase, report_of_its_journal_is_incomplete, 0, LACKS);
    tcase_add_loop_test(tcase, report_of_a_list_that_is_empty_is_incomplete, 0, 2);
    tcase_add_loop_test(tcase, every_format_says_what_is_wrong, 0, FORMATS * LACKS);
    tcase_add_loop_test(tcase, every_format_says_what_is_no_error, 0, FORMATS);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
