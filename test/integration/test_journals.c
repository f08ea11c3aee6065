#include <stdio.h>
#include <string.h>

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

int main(void)
{
    Suite *suite = suite_create("journals");
    TCase *files = tcase_create("files");

    tcase_add_unchecked_fixture(files, it_begin_server, it_end_server);
    tcase_add_checked_fixture(files, it_reset_server, NULL);
    tcase_add_test(files, list_named_as_journal_is_refused_and_left_alone);
    suite_add_tcase(suite, files);
    return it_main(suite);
}
