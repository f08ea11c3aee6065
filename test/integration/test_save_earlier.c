#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "saved.h"
#include "servers.h"

/*
 * Files that earlier versions have saved under names that are spelled otherwise by now, and sums
 * that have the names of the list: they count.
 */

#define ZWNJ "\xE2\x80\x8C"
#define TURN "\xE2\x80\xAE"

/* Persian, with the non-joiner that its spelling asks for: it stays. */
#define PERSIAN "\xD9\x86\xD8\xA7\xD9\x85\xD9\x87" ZWNJ "\xD9\x87\xD8\xA7"

static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";

/* What the list says, and what it is called. */
static const struct {
    const char *dir, *out, *now;
} names[] = {
    {NULL, "a" TURN "b.bin", "a%E2%80%AEb.bin"},
    {NULL, "caf\xE9.bin", "caf%E9.bin"},
    {"d\xC2\xAD", "a.bin", "d%C2%AD/a.bin"},
    {NULL, "pay" ZWNJ "pal.bin", "pay%E2%80%8Cpal.bin"},
    {NULL, PERSIAN ".bin", PERSIAN ".bin"},
    {PERSIAN, "x\xC2\x85.bin", PERSIAN "/x%C2%85.bin"},
};
enum { NAMES = sizeof names / sizeof *names };

static const char *said_name(int i)
{
    return names[i].dir ? it_text("%s/%s", names[i].dir, names[i].out) : names[i].out;
}

static bool is_there(const char *dir, const char *name)
{
    return access(it_text("%s/%s", dir, name), F_OK) == 0;
}

/* A list with one URL, and a directory in which an earlier version has saved it: `bytes`, if any.
 */
struct place {
    const char *list, *dir;
};

static struct place make_place(const char *what, int i, const char *url, const char *bytes)
{
    struct place place = {it_path(it_text("%s-%d.list", what, i)),
                          it_path(it_text("%s-%d.d", what, i))};
    const char *text = it_text("%s\n out=%s\n", url, names[i].out);

    if (names[i].dir)
        text = it_text("%s dir=%s\n", text, names[i].dir);
    it_write(place.list, text, strlen(text));
    ck_assert_int_eq(mkdir(place.dir, 0755), 0);
    if (names[i].dir)
        ck_assert_int_eq(mkdir(it_text("%s/%s", place.dir, names[i].dir), 0755), 0);
    if (bytes)
        it_write(it_text("%s/%s", place.dir, said_name(i)), bytes, strlen(bytes));
    return place;
}

static const json_t *only_row(const struct it_run *run)
{
    const json_t *rows = it_rows(run->out);

    ck_assert_uint_eq(json_array_size(rows), 1);
    return json_array_get(rows, 0);
}

/* ---- sums ---- */

START_TEST(sums_have_the_names_of_the_list)
{
    const struct place place = make_place("sums", _i, it_url("/size?n=7"), NULL);
    const char *sums = it_path(it_text("sums-%d", _i));
    const char *text = it_text("%s  %s\n", zeros, said_name(_i));
    struct it_run run;

    it_write(sums, text, strlen(text));
    run = SAVE(place.dir, "--sums", sums, "-i", place.list);
    ck_assert_str_eq(it_verdict(only_row(&run)), "failed checksum");
    ck_assert_int_eq(run.status, 1);
    ck_assert_uint_eq(count_files(place.dir), 0);
}
END_TEST

/* What no version ever saved under that name: the list says it nonetheless. */
START_TEST(sums_have_names_that_are_always_spelled_otherwise)
{
    const char *dir = it_path("dot.d"), *list = it_path("dot.list"), *sums = it_path("dot.sums");
    const char *text = it_text("%s\n out=.profile\n", it_url("/size?n=7"));
    struct it_run run;

    it_write(list, text, strlen(text));
    text = it_text("%s  .profile\n", zeros);
    it_write(sums, text, strlen(text));
    run = SAVE(dir, "--sums", sums, "-i", list);
    ck_assert_str_eq(it_verdict(only_row(&run)), "failed checksum");
}
END_TEST

START_TEST(names_without_a_line_are_told_once)
{
    const char *dir = it_path("partial.d"), *list = it_path("partial.list");
    const char *sums = it_path("partial.sums");
    const char *text = it_text("%s\n out=a\n%s\n out=b\n checksum=sha-256=%s\n%s\n out=c\n%s\n "
                               "out=d\n",
                               it_url("/size?n=1"), it_url("/size?n=2"), zeros, it_url("/size?n=3"),
                               it_url("/size?n=4"));
    struct it_run run;
    const char *told;

    it_write(list, text, strlen(text));
    text = it_text("%s  d\n", zeros);
    it_write(sums, text, strlen(text));
    run = it_haul(IT_ARGS("-d", dir, "--sums", sums, "--list-keys", "all", "-i", list));
    told = strstr(run.err, it_text("%s:1: a has no line in %s, and is not checked (--sums); nor "
                                   "is 1 more\n",
                                   list, sums));
    ck_assert_msg(told != NULL, "%s", run.err);
    ck_assert_ptr_null(strstr(strchr(told, '\n'), "has no line"));
    ck_assert_uint_eq(count_files(dir), 2);
    /* It is no fault: who has sums of some files only goes by the status. */
    run = it_haul(IT_ARGS("-d", dir, "--sums", "/dev/null", it_url("/size?n=1")));
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(run.err, "has no line in /dev/null, and is not checked"));
    run = it_haul(IT_ARGS("-q", "-d", dir, "--sums", "/dev/null", it_url("/size?n=1")));
    ck_assert_str_eq(run.err, "");
}
END_TEST

/* ---- files ---- */

static void check_kept(const struct place *place, int i, const struct it_run *run,
                       const char *verdict)
{
    ck_assert_str_eq(it_verdict(only_row(run)), verdict);
    ck_assert(has_file(it_text("%s/%s", place->dir, said_name(i)), "earlier"));
    ck_assert_uint_eq(count_files(place->dir), 1);
}

START_TEST(file_of_an_earlier_name_is_there)
{
    const struct place place = make_place("skip", _i, it_url("/size?n=7"), "earlier");
    struct it_run run = SAVE(place.dir, "--skip-existing=name", "-i", place.list);

    check_kept(&place, _i, &run, "skipped exists");
    ck_assert_int_eq(it_int(only_row(&run), "size_body"), 7);
    run = SAVE(place.dir, "--skip-existing", "-i", place.list); /* by its size */
    check_kept(&place, _i, &run, "skipped exists");
}
END_TEST

START_TEST(file_of_an_earlier_name_is_asked_for_by_its_time)
{
    const char *url = it_url("/range?n=7&lm=1000000000");
    const struct place place = make_place("time", _i, url, "earlier");
    struct it_run run = SAVE(place.dir, "-N", "-i", place.list);

    check_kept(&place, _i, &run, "unchanged");
}
END_TEST

/* Its journal has the name as the earlier version wrote it: here, as a form says it. */
START_TEST(file_of_an_earlier_name_is_asked_for_by_its_tag)
{
    const char *url = it_url("/range?n=7&etag=one"), *journal = it_path(it_text("tag-%d.j", _i));
    const struct place place = make_place("tag", _i, url, NULL);
    const char *form = said_name(_i);
    struct it_run run = SAVE(place.dir, "--journal", journal, "--name", form, url);

    ck_assert_int_eq(run.status, 0);
    ck_assert(is_there(place.dir, said_name(_i)));
    for (int again = 0; again < 2; again++) {
        run = SAVE(place.dir, "--since", journal, "--etags", "-i", place.list);
        ck_assert_str_eq(it_verdict(only_row(&run)), "unchanged");
        ck_assert(is_there(place.dir, said_name(_i)));
        ck_assert_uint_eq(count_files(place.dir), 1);
    }
}
END_TEST

START_TEST(file_of_an_earlier_name_is_replaced)
{
    static const char *const forms[] = {"path", "{sha256}{type-ext}"};
    const struct place place = make_place("replace", _i, it_url("/size?n=9"), "earlier");
    struct it_run run =
        SAVE(place.dir, "--name", forms[_i % 2], "--sync", "each", "-i", place.list);

    ck_assert_str_eq(it_verdict(only_row(&run)), "ok");
    ck_assert_str_eq(name_in(it_rows(run.out), 0), names[_i].now);
    check_rows_have_files(it_rows(run.out), place.dir);
    ck_assert_uint_eq(count_files(place.dir), 1);
}
END_TEST

/* Only what is whole takes the place of what was there. */
START_TEST(file_of_an_earlier_name_outlives_a_failure)
{
    const struct place place = make_place("fail", _i, it_url("/status/500"), "earlier");
    struct it_run run = SAVE(place.dir, "--retry", "0", "-i", place.list);

    ck_assert_str_eq(it_str(only_row(&run), "outcome"), "failed");
    ck_assert(has_file(it_text("%s/%s", place.dir, said_name(_i)), "earlier"));
    ck_assert_uint_eq(count_files(place.dir), 1);
}
END_TEST

START_TEST(file_of_an_earlier_name_is_kept_if_asked_for)
{
    const struct place place = make_place("beside", _i, it_url("/size?n=9"), "earlier");
    struct it_run run = SAVE(place.dir, "--no-clobber", "-i", place.list);

    ck_assert_str_eq(it_verdict(only_row(&run)), "ok");
    ck_assert(has_file(it_text("%s/%s", place.dir, said_name(_i)), "earlier"));
    ck_assert_uint_eq(count_files(place.dir), 2);
}
END_TEST

/* {sha256} and {type-ext} are known at the end only, so that nobody knows at the beginning which
 * file it would be: it stays. */
START_TEST(file_of_a_late_name_stays_where_it_was)
{
    const char *dir = it_path("late.d"), *list = it_path("late.list"), *now, *earlier;
    const char *text = it_text("%s\n dir=d" TURN "\n", it_url("/size?n=7"));
    struct it_run run;

    it_write(list, text, strlen(text));
    run = SAVE(dir, "--name", "{sha256}{type-ext}", "-i", list);
    now = name_in(it_rows(run.out), 0);
    ck_assert_msg(strncmp(now, "d%E2%80%AE/", 11) == 0, "%s", now);
    earlier = it_text("%s/d" TURN, dir);
    ck_assert_int_eq(mkdir(earlier, 0755), 0);
    earlier = it_text("%s/%s", earlier, now + 11);
    ck_assert_int_eq(rename(it_text("%s/%s", dir, now), earlier), 0);
    run = SAVE(dir, "--name", "{sha256}{type-ext}", "-i", list);
    ck_assert_str_eq(name_in(it_rows(run.out), 0), now);
    check_rows_have_files(it_rows(run.out), dir);
    ck_assert_int_eq(access(earlier, F_OK), 0);
    ck_assert_uint_eq(count_files(dir), 2);
}
END_TEST

/* ---- files of others ---- */

#define SHOWN_BEFORE "any/token%%3Dq/x"

/* One entry has what another one's file was called once: in the same run, or in one before. */
START_TEST(file_of_another_entry_stays)
{
    static const char *const forms[] = {"{path}/{file}", "{path}/{file}{type-ext}",
                                        "{path}/{sha256}{type-ext}"};
    const char *dir = it_path(it_text("entries-%d.d", _i)), *mine, *other, *named;
    const char *list[2] = {it_path(it_text("entries-%d.a", _i)),
                           it_path(it_text("entries-%d.b", _i))};
    const char *form = forms[_i / 2], *ending = strstr(form, "type-ext") ? ".html" : "";
    bool is_one_run = _i % 2;
    struct it_run run;

    named = it_text(SHOWN_BEFORE "%s", ending);
    mine = it_text("%s\n out=%s\n", it_url("/size?n=7"), named);
    other = it_text("%s\n", it_url("/any/token=q/x?n=9&type=text/html"));
    it_write(list[0], mine, strlen(mine));
    it_write(list[1], other, strlen(other));
    if (!is_one_run)
        run = SAVE(dir, "--redact", "token", "--name", form, "-i", list[0]);
    run = SAVE(dir, "--redact", "token", "--name", form, "-j", "1", "-i",
               is_one_run ? list[0] : "/dev/null", "-i", list[1]);
    ck_assert_int_eq(run.status, 0);
    ck_assert(has_file(it_text("%s/%s", dir, named), "abcdefg"));
    ck_assert_uint_eq(count_files(dir), 2);
}
END_TEST

/* The name that another entry's file had is a visible one, but for how a file system takes it. */
START_TEST(file_with_a_name_of_today_stays)
{
    static const char *const outs[] = {"pay" ZWNJ "pal", "a~b" TURN};
    const char *dir = it_path(it_text("today-%d.d", _i)), *list = it_path("today.list");
    const char *text = it_text("%s\n out=%s\n", it_url("/size?n=7"), outs[_i]);
    const char *form = _i ? "path" : "pay" ZWNJ "pal/{file}";
    struct it_run run;

    it_write(list, text, strlen(text));
    ck_assert_int_eq(mkdir(dir, 0755), 0);
    it_write(it_text("%s/%s", dir, outs[_i]), "earlier", 7);
    run = SAVE(dir, "--name", form, "-i", list);
    ck_assert_str_eq(it_verdict(only_row(&run)), "ok");
    ck_assert(has_file(it_text("%s/%s", dir, outs[_i]), "earlier"));
    ck_assert_uint_eq(count_files(dir), 2);
}
END_TEST

/* A list that names one of the run's own files by its earlier name does not get it. */
START_TEST(file_of_the_run_is_nothing_of_an_earlier_version)
{
    const char *dir = it_path("own.d"), *list = it_path("own.list");
    const char *journal = it_text("%s/j\xC2\xAD", dir);
    const char *text = it_text("%s\n out=j\xC2\xAD\n", it_url("/size?n=7"));
    struct it_run run;

    it_write(list, text, strlen(text));
    ck_assert_int_eq(mkdir(dir, 0755), 0);
    run = SAVE(dir, "--journal", journal, "-i", list);
    ck_assert_str_eq(it_verdict(only_row(&run)), "ok");
    ck_assert_str_eq(name_in(it_rows(run.out), 0), "j%C2%AD");
    ck_assert_int_eq(access(journal, F_OK), 0);
    ck_assert_uint_eq(count_files(dir), 2);
}
END_TEST

/* ---- the user's own ---- */

START_TEST(form_is_written_as_the_user_wrote_it)
{
    static const char *const forms[] = {PERSIAN "/{file}", "caf\xE9/{file}", "a" ZWNJ "/{file}"};
    const char *dir = it_path(it_text("form-%d.d", _i));
    struct it_run run = SAVE(dir, "--name", forms[_i], it_url("/size?n=7"));
    const char *wanted = it_text("%.*s/size", (int)strcspn(forms[_i], "/"), forms[_i]);

    ck_assert_int_eq(run.status, 0);
    ck_assert_msg(is_there(dir, wanted), "%s: %s", forms[_i], run.out);
}
END_TEST

/* ---- what is hidden ---- */

#define HIDDEN_URL "/size?n=7&next=http%%3A%%2F%%2Fh%%2F%%3Ftoken%%3Dabcdefgh"
#define HIDDEN_TAIL "next%%3Dhttp%%3A%%2F%%2Fh%%2F%%3Ftoken%%3D"

static const char *hidden_name(const char *value)
{
    return it_text("127.0.0.1%%3A%d/size%%3Fn%%3D7%%26" HIDDEN_TAIL "%s", it_port("http"), value);
}

static const char *make_hidden_file(const char *what)
{
    const char *dir = it_path(what);

    ck_assert_int_eq(mkdir(dir, 0755), 0);
    ck_assert_int_eq(mkdir(host_dir(dir), 0755), 0);
    it_write(it_text("%s/%s", dir, hidden_name("abcdefgh")), "earlier", 7);
    return dir;
}

START_TEST(sums_of_names_that_showed_more_are_those_of_the_file)
{
    const char *dir = it_path("hidden-sums.d"), *sums = it_path("hidden.sums");
    const char *text = it_text("%s  %s\n", zeros, hidden_name("abcdefgh"));
    struct it_run run;

    it_write(sums, text, strlen(text));
    run = SAVE(dir, "--redact", "token", "--sums", sums, it_url(HIDDEN_URL));
    ck_assert_str_eq(it_verdict(only_row(&run)), "failed checksum");
    ck_assert_uint_eq(count_files(dir), 0);
}
END_TEST

START_TEST(file_whose_name_shows_more_is_there_and_is_told_without)
{
    const char *dir = make_hidden_file("hidden.d"), *journal = it_path("hidden.j");
    struct it_run run =
        it_haul(IT_ARGS("-v", "--format", "jsonl", "-d", dir, "--redact", "token", "--journal",
                        journal, "--skip-existing=name", it_url(HIDDEN_URL)));

    ck_assert_str_eq(it_verdict(only_row(&run)), "skipped exists");
    ck_assert_uint_eq(count_files(dir), 1);
    ck_assert_ptr_null(strstr(run.out, "abcdefgh"));
    ck_assert_ptr_null(strstr(run.err, "abcdefgh"));
    ck_assert_ptr_null(strstr(it_read(journal, NULL), "abcdefgh"));
}
END_TEST

/* It may as well be what another list has called so. */
START_TEST(file_whose_name_shows_more_stays_beside_one_whose_does_not)
{
    const char *dir = make_hidden_file("hidden-old.d");
    struct it_run run = SAVE(dir, "--redact", "token", it_url(HIDDEN_URL));

    ck_assert_str_eq(it_verdict(only_row(&run)), "ok");
    ck_assert(is_there(dir, hidden_name("%2A%2A%2A")));
    ck_assert(has_file(it_text("%s/%s", dir, hidden_name("abcdefgh")), "earlier"));
    ck_assert_uint_eq(count_files(dir), 2);
}
END_TEST

START_TEST(column_that_showed_more_is_that_of_the_file)
{
    const char *dir = it_path("column.d"), *table = it_path("column.csv");
    const char *text =
        it_text("url,c\n%s,u=http%%3A%%2F%%2Fh%%2F%%3Ftoken%%3Dabcdefgh\n", it_url("/size?n=9"));
    struct it_run run;

    it_write(table, text, strlen(text));
    ck_assert_int_eq(mkdir(dir, 0755), 0);
    it_write(it_text("%s/u%%3Dhttp%%253A%%252F%%252Fh%%252F%%253Ftoken%%253Dabcdefgh", dir),
             "earlier", 7);
    run = SAVE(dir, "--redact", "token", "--url-column", "url", "--name", "{col:c}",
               "--skip-existing=name", "-i", table);
    ck_assert_str_eq(it_verdict(only_row(&run)), "skipped exists");
    run = SAVE(dir, "--redact", "token", "--url-column", "url", "--name", "{col:c}", "-i", table);
    ck_assert_str_eq(it_verdict(only_row(&run)), "ok");
    ck_assert_uint_eq(count_files(dir), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("save_earlier");
    TCase *tcase = tcase_create("save_earlier");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_loop_test(tcase, sums_have_the_names_of_the_list, 0, NAMES);
    tcase_add_test(tcase, sums_have_names_that_are_always_spelled_otherwise);
    tcase_add_test(tcase, names_without_a_line_are_told_once);
    tcase_add_loop_test(tcase, file_of_an_earlier_name_is_there, 0, NAMES);
    tcase_add_loop_test(tcase, file_of_an_earlier_name_is_asked_for_by_its_time, 0, NAMES);
    tcase_add_loop_test(tcase, file_of_an_earlier_name_is_asked_for_by_its_tag, 0, NAMES);
    tcase_add_loop_test(tcase, file_of_an_earlier_name_is_replaced, 0, NAMES);
    tcase_add_loop_test(tcase, file_of_an_earlier_name_outlives_a_failure, 0, NAMES);
    tcase_add_loop_test(tcase, file_of_an_earlier_name_is_kept_if_asked_for, 0, NAMES);
    tcase_add_test(tcase, file_of_a_late_name_stays_where_it_was);
    tcase_add_loop_test(tcase, file_of_another_entry_stays, 0, 6);
    tcase_add_loop_test(tcase, file_with_a_name_of_today_stays, 0, 2);
    tcase_add_test(tcase, file_of_the_run_is_nothing_of_an_earlier_version);
    tcase_add_loop_test(tcase, form_is_written_as_the_user_wrote_it, 0, 3);
    tcase_add_test(tcase, sums_of_names_that_showed_more_are_those_of_the_file);
    tcase_add_test(tcase, file_whose_name_shows_more_is_there_and_is_told_without);
    tcase_add_test(tcase, file_whose_name_shows_more_stays_beside_one_whose_does_not);
    tcase_add_test(tcase, column_that_showed_more_is_that_of_the_file);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
