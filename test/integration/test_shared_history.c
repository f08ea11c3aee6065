#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "planter.h"

/* A history in a directory that others may write to: what is said, and who reads it. */

/* ---- what is said ---- */

static const char *const refusals[] = {"--since", "--journal", "--tar"};

/* The warning about the directory is a line, and why the run is refused another one. */
START_TEST(warning_and_refusal_are_lines_of_their_own)
{
    const char *second = _i == 1 ? in_shared("nope/j") : it_path("nope/x");
    struct it_run run;

    ck_assert_int_eq(chmod(shared, 0777), 0);
    run = it_haul(IT_ARGS("--history", in_shared("h"), refusals[_i], second, _i ? "-q" : "--etags",
                          it_url("/size?n=100")));
    ck_assert_msg(run.status == 2 || run.status == 3, "%d: %s", run.status, run.err);
    ck_assert_msg(strstr(run.err, it_text("haul: %s: ", second)) != NULL, "%s", run.err);
    ck_assert_msg(_i == 2 || strstr(run.err, "for that helps)\nhaul: ") != NULL, "%s", run.err);
}
END_TEST

static void write_foreign(const char *path)
{
    it_write(path, "no history at all", 17);
}

START_TEST(refused_history_and_its_warning_are_lines_of_their_own)
{
    static const char *const causes[] = {"not a history", "-wal: "};
    const char *history = in_shared("h");
    struct it_run run;

    ck_assert_int_eq(chmod(shared, 0777), 0);
    if (_i)
        as_nobody(plant_empty, in_shared("h-wal"));
    else
        write_foreign(history);
    run = it_haul(IT_ARGS("--history", history, "-q", it_url("/size?n=100")));
    ck_assert_int_eq(run.status, 2);
    ck_assert_msg(strstr(run.err, causes[_i]) != NULL, "%s", run.err);
    ck_assert_msg(strstr(run.err, it_text("for that helps)\nhaul: %s", history)) != NULL, "%s",
                  run.err);
}
END_TEST

/* Its name is escaped, too. */
START_TEST(warning_of_a_configuration_is_a_line_as_others_are)
{
    const char *config = in_shared("c\033[31m");
    struct it_run run;

    ck_assert_int_eq(chmod(shared, 0777), 0);
    it_write(config, "jobs = 3\n", 9);
    run = it_haul(IT_ARGS("--config", config, "--dry-run", "http://a.example"));
    ck_assert_int_eq(run.status, 0);
    ck_assert_msg(strstr(run.err, it_text("haul: %s\\x1b[31m: anybody", in_shared("c"))) == run.err,
                  "%s", run.err);
}
END_TEST

/* With --quiet-unless it is held back, but for a refusal. */
START_TEST(warning_is_held_back_where_nothing_is_to_be_said)
{
    struct it_run run;

    ck_assert_int_eq(chmod(shared, 0777), 0);
    run = it_haul(
        IT_ARGS("--history", in_shared("h"), "--quiet-unless", "fail", it_url("/size?n=100")));
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(run.err, "");
    run = it_haul(IT_ARGS("--history", in_shared("h"), "--quiet-unless", "fail", "--etags",
                          "--since", it_path("nope"), it_url("/size?n=100")));
    ck_assert_int_eq(run.status, 2);
    ck_assert_msg(strstr(run.err, "for that helps)\nhaul: ") != NULL, "%s", run.err);
}
END_TEST

/* ---- who reads ---- */

static void check_left(const char *history)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal", "-lock"};

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        ck_assert_msg(access(it_text("%s%s", history, endings[i]), F_OK) != 0, "%s", endings[i]);
}

static const char *const readers[][4] = {{"history"}, {"diff"}};

/* As an earlier version has made it: everybody may read it. */
START_TEST(reader_leaves_nothing_that_stops_the_writer)
{
    const char *history = in_shared("h"), *const *verb = readers[_i / 2];
    bool is_nobody = _i % 2;
    struct it_run run;

    for (int i = 0; i < 2; i++) {
        run = it_haul(IT_ARGS("--history", history, "-q", it_url("/size?n=100")));
        ck_assert_msg(run.status == 0, "%s", run.err);
    }
    ck_assert_int_eq(chmod(history, 0644), 0);
    ck_assert_int_eq(chmod(shared, 0777), 0);
    run = it_call(&(struct it_call){.argv = IT_ARGS(verb[0], history),
                                    .prepare = is_nobody ? become_nobody : NULL});
    ck_assert_msg(run.status == 0 && !run.err_len, "%d: %s", run.status, run.err);
    check_left(history);
    run = it_haul(IT_ARGS("history", history));
    ck_assert_msg(run.status == 0 && !run.err_len, "%d: %s", run.status, run.err);
    run = it_haul(IT_ARGS("--history", history, "-q", it_url("/size?n=100")));
    ck_assert_msg(run.status == 0, "%s", run.err);
    check_left(history);
}
END_TEST

/* It is opened by a URI, in which these would mean something else. */
static const char *const odd_names[] = {"h?mode=rwc&immutable=0", "h#x", "h%41", "h %",
                                        "h:\xe9;a=b"};

START_TEST(history_of_any_name_is_read)
{
    const char *history = in_shared(odd_names[_i]);
    struct it_run run;

    for (int i = 0; i < 2; i++) {
        run = it_haul(IT_ARGS("--history", history, "-q", it_url("/size?n=100")));
        ck_assert_msg(run.status == 0, "%s", run.err);
    }
    run = it_haul(IT_ARGS("history", "--format", "jsonl", history));
    ck_assert_uint_eq(it_lines(run.out), 2);
    run = it_haul(IT_ARGS("diff", history));
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_int_eq(chdir(shared), 0);
    run =
        it_haul(IT_ARGS("diff", it_text("%s@1", odd_names[_i]), it_text("./%s@2", odd_names[_i])));
    ck_assert_msg(run.status == 0, "%s", run.err);
}
END_TEST

/* What such readers of other programs, or of earlier versions, have left. */
START_TEST(empty_companion_of_a_reader_is_no_matter_to_who_reads_and_told_to_who_writes)
{
    const char *history = in_shared("h");
    struct it_run run = it_haul(IT_ARGS("--history", history, "-q", it_url("/size?n=100")));

    ck_assert_msg(run.status == 0, "%s", run.err);
    as_nobody(plant_empty, in_shared("h-wal"));
    run = it_haul(IT_ARGS("history", history));
    ck_assert_msg(run.status == 0, "%s", run.err);
    run = it_haul(IT_ARGS("--history", history, "-q", it_url("/size?n=100")));
    ck_assert_int_eq(run.status, 2);
    ck_assert_msg(strstr(run.err, "it holds nothing, and can be removed") != NULL, "%s", run.err);
    ck_assert_int_eq(unlink(in_shared("h-wal")), 0);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, warning_and_refusal_are_lines_of_their_own, 0, 3);
    tcase_add_loop_test(tcase, refused_history_and_its_warning_are_lines_of_their_own, 0, 2);
    tcase_add_test(tcase, warning_of_a_configuration_is_a_line_as_others_are);
    tcase_add_test(tcase, warning_is_held_back_where_nothing_is_to_be_said);
    tcase_add_loop_test(tcase, history_of_any_name_is_read, 0, 5);
    tcase_add_loop_test(tcase, reader_leaves_nothing_that_stops_the_writer, 0, 4);
    tcase_add_test(tcase,
                   empty_companion_of_a_reader_is_no_matter_to_who_reads_and_told_to_who_writes);
}

int main(void)
{
    return planted_main("shared_history", add_cases);
}
