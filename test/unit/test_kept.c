#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "haul/config.h"
#include "wire/kept.h"

/* Certificates and keys as they were when the run began. */

static char top[64];
static struct haul_config config;
static struct haul_kept *kept;

static void put(const char *name, const char *text)
{
    FILE *file = fopen(name, "we");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static void begin(void)
{
    snprintf(top, sizeof top, "/tmp/haul-kept-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    ck_assert_int_eq(chdir(top), 0);
    put("ca", "authority");
    put("cert", "certificate");
    put("key", "secret");
    haul_config_init(&config);
    config.ca_file = "ca";
    config.cert = "cert";
    config.key = "key";
}

static void end(void)
{
    char command[128];

    haul_kept_free(kept);
    haul_config_done(&config);
    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf '%s'", top);
    ck_assert_int_eq(system(command), 0);
}

static void check_text(const char *name, const char *wanted)
{
    FILE *file = fopen(haul_kept_path(kept, name), "re");
    char text[32] = "";

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(text, 1, sizeof text - 1, file), strlen(wanted));
    ck_assert_str_eq(text, wanted);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(copies_stay_as_the_files_were)
{
    ck_assert_int_eq(haul_kept_create(&config, &kept), HAUL_OK);
    put("new", "other");
    ck_assert_int_eq(rename("new", "ca"), 0);
    ck_assert_int_eq(unlink("cert"), 0);
    put("key", "changed");
    for (int again = 0; again < 2; again++) {
        check_text("ca", "authority");
        check_text("cert", "certificate");
        check_text("key", "secret");
    }
}
END_TEST

START_TEST(copy_cannot_be_written_to)
{
    ck_assert_int_eq(haul_kept_create(&config, &kept), HAUL_OK);
    ck_assert_int_ne(truncate(haul_kept_path(kept, "key"), 0), 0);
    check_text("key", "secret");
}
END_TEST

START_TEST(certificates_of_hosts_are_kept_each_once)
{
    struct haul_host_rule rules[] = {{.cert = "cert", .key = "one"}, {.cert = "two"}};

    put("one", "1");
    put("two", "2");
    config.host_rule = rules;
    config.host_rule_count = 2;
    ck_assert_int_eq(haul_kept_create(&config, &kept), HAUL_OK);
    config.host_rule = NULL;
    config.host_rule_count = 0;
    check_text("one", "1");
    check_text("two", "2");
    ck_assert_ptr_eq(haul_kept_path(kept, "cert"), haul_kept_path(kept, config.cert));
}
END_TEST

START_TEST(what_cannot_be_copied_keeps_its_name)
{
    static const char missing[] = "not there", fifo[] = "fifo", big[] = "big", unknown[] = "?";

    put(big, "");
    ck_assert_int_eq(truncate(big, HAUL_KEPT_SIZE_MAX + 1), 0);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    config.ca_file = missing;
    config.cert = fifo;
    config.key = big;
    ck_assert_int_eq(haul_kept_create(&config, &kept), HAUL_OK);
    ck_assert_ptr_eq(haul_kept_path(kept, missing), missing);
    ck_assert_ptr_eq(haul_kept_path(kept, fifo), fifo);
    ck_assert_ptr_eq(haul_kept_path(kept, big), big);
    ck_assert_ptr_eq(haul_kept_path(kept, unknown), unknown);
    ck_assert_ptr_null(haul_kept_path(kept, NULL));
}
END_TEST

START_TEST(messages_have_the_name_of_the_file)
{
    char text[64], small[24];

    ck_assert_int_eq(haul_kept_create(&config, &kept), HAUL_OK);
    snprintf(text, sizeof text, "no key in %s, or so", haul_kept_path(kept, "cert"));
    memcpy(small, text, sizeof small);
    small[sizeof small - 1] = '\0';
    haul_kept_show(kept, text, sizeof text);
    ck_assert_str_eq(text, "no key in cert, or so");
    haul_kept_show(kept, small, sizeof small); /* the name was cut: it is no copy's */
    ck_assert_ptr_nonnull(strstr(small, "no key in "));
    snprintf(text, sizeof text, "%s9", haul_kept_path(kept, "cert"));
    haul_kept_show(kept, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "/proc/self/fd/"));
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("kept");
    TCase *tcase = tcase_create("copies");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, copies_stay_as_the_files_were);
    tcase_add_test(tcase, copy_cannot_be_written_to);
    tcase_add_test(tcase, certificates_of_hosts_are_kept_each_once);
    tcase_add_test(tcase, what_cannot_be_copied_keeps_its_name);
    tcase_add_test(tcase, messages_have_the_name_of_the_file);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(make_suite());
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
